//! What structs state for MySQL and MariaDB alone, on a server: options of tables, comments, indexes
//! of prefixes, computed columns, defaults in all their forms. Created, proved, applied, changed, and
//! read back from the server without a difference.

use expect_test::expect;

use super::{Case, agrees, model, started, write};
use crate::runner::Backend;

/// A table with everything that its keys can say.
fn pages(options: &str, keys: &str, fields: &str) -> String {
    let writers =
        model("writers", "", "#[ops(max_length = 40, charset = \"utf8mb4\", collate = \"utf8mb4_bin\")] name: String,");
    writers + &model("pages", &format!("mysql({options}), {keys}"), fields)
}

const OPTIONS: &str = "engine = \"InnoDB\", charset = \"utf8mb4\", collate = \"utf8mb4_general_ci\"";

const KEYS: &str = "comment = \"What people read; it's long\",
    index(body prefix 20), index(title prefix 8 desc, writer_id, name = \"by_title\"),
    index(body, method = \"fulltext\", name = \"words_of_body\"),
    unique(title, writer_id, name = \"title_once\"),
    check(\"price >= 0\", name = \"price_is_real\")";

const FIELDS: &str = "#[ops(max_length = 80, comment = \"As it's printed\")] title: String,
    body: String,
    #[ops(references(writers.id, on_delete = cascade, on_update = cascade))] writer_id: i32,
    #[ops(precision(10, 2), default = \"0.50\")] price: BigDecimal,
    #[ops(generated(\"price * 2\", virtual), precision(12, 2))] twice: BigDecimal,
    #[ops(generated(\"upper(title)\", stored), max_length = 80)] shout: String,
    #[ops(sql_type = \"enum('raw', 'done')\", default = \"'raw'\")] state: String,
    #[ops(sql_type = \"int unsigned\", default = 7)] number: u32,
    #[ops(default = true)] open: bool,
    #[ops(default = \"'it''s'\", max_length = 20)] note: String,
    #[ops(default = \"(uuid())\", max_length = 36)] mark: String,
    #[ops(default = \"CURRENT_TIMESTAMP\", on_update = \"CURRENT_TIMESTAMP\")] seen_on: chrono::NaiveDateTime,
    #[ops(sql_type = \"datetime(6)\")] read_on: Option<chrono::NaiveDateTime>,";

const ROWS: &str = "INSERT INTO writers (name) VALUES ('a');
    INSERT INTO pages (title, body, writer_id) VALUES ('One', 'Once there was', 1)";

#[test]
fn everything_that_a_struct_can_state() {
    let done = Case { before: String::new(), after: pages(OPTIONS, KEYS, FIELDS), ..Case::default() };
    // The first revision is that of a table beside.
    let beside = model("beside", "", "");
    let case = Case { before: beside.clone(), after: beside + &done.after, ..done };
    case.on(Backend::mysql()).gives(
        &expect![[r#"
        CREATE TABLE writers (
            id int NOT NULL AUTO_INCREMENT,
            name varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
            PRIMARY KEY (id)
        );

        CREATE TABLE pages (
            id int NOT NULL AUTO_INCREMENT,
            title varchar(80) NOT NULL COMMENT 'As it''s printed',
            body text NOT NULL,
            writer_id int NOT NULL,
            price decimal(10, 2) NOT NULL DEFAULT 0.50,
            twice decimal(12, 2) GENERATED ALWAYS AS (price * 2) VIRTUAL,
            shout varchar(80) GENERATED ALWAYS AS (upper(title)) STORED,
            state enum('raw', 'done') NOT NULL DEFAULT 'raw',
            number int unsigned NOT NULL DEFAULT 7,
            open tinyint(1) NOT NULL DEFAULT 1,
            note varchar(20) NOT NULL DEFAULT 'it''s',
            mark varchar(36) NOT NULL DEFAULT (uuid()),
            seen_on timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
            read_on datetime(6),
            PRIMARY KEY (id),
            UNIQUE KEY title_once (title, writer_id),
            KEY writer_id (writer_id),
            KEY pages_body_idx (body(20)),
            KEY by_title (title(8) DESC, writer_id),
            FULLTEXT KEY words_of_body (body),
            CONSTRAINT price_is_real CHECK (price >= 0),
            CONSTRAINT pages_ibfk_1 FOREIGN KEY (writer_id) REFERENCES writers (id) ON UPDATE CASCADE ON DELETE CASCADE
        ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='What people read; it''s long';
    "#]],
        &expect![[r#"
        DROP TABLE pages;

        DROP TABLE writers;
    "#]],
    );
}

#[test]
fn each_part_changes_and_comes_back() {
    let after = pages(
        &OPTIONS.replace("utf8mb4_general_ci", "utf8mb4_unicode_ci"),
        &KEYS
            .replace("it's long", "short")
            .replace("prefix 20", "prefix 30")
            .replace("price >= 0", "price >= 1 or number > 3"),
        &FIELDS
            .replace("As it's printed", "As printed")
            .replace("price * 2", "price * 3")
            .replace("(uuid())", "(concat('m', uuid()))")
            .replace("\"0.50\"", "\"0.75\"")
            .replace(", on_update = \"CURRENT_TIMESTAMP\"", "")
            .replace("default = true", "default = false"),
    );
    Case { before: pages(OPTIONS, KEYS, FIELDS), rows: ROWS, after, ..Case::default() }
        .on(Backend::mysql())
        .gives(
            &expect![[r#"
            ALTER TABLE pages
                DROP KEY pages_body_idx,
                DROP CONSTRAINT price_is_real,
                MODIFY COLUMN title varchar(80) NOT NULL COMMENT 'As printed',
                MODIFY COLUMN body text NOT NULL,
                MODIFY COLUMN price decimal(10, 2) NOT NULL DEFAULT 0.75,
                MODIFY COLUMN state enum('raw', 'done') NOT NULL DEFAULT 'raw',
                MODIFY COLUMN open tinyint(1) NOT NULL DEFAULT 0,
                MODIFY COLUMN note varchar(20) NOT NULL DEFAULT 'it''s',
                MODIFY COLUMN mark varchar(36) NOT NULL DEFAULT (concat('m', uuid())),
                MODIFY COLUMN seen_on timestamp NOT NULL DEFAULT current_timestamp(),
                MODIFY COLUMN twice decimal(12, 2) GENERATED ALWAYS AS (price * 3) VIRTUAL,
                MODIFY COLUMN shout varchar(80) GENERATED ALWAYS AS (upper(title)) STORED,
                ENGINE = InnoDB,
                DEFAULT CHARACTER SET = utf8mb4,
                DEFAULT COLLATE = utf8mb4_unicode_ci,
                ADD CONSTRAINT price_is_real CHECK (price >= 1 or number > 3),
                ADD KEY pages_body_idx (body(30)),
                COMMENT = 'What people read; short';
        "#]],
            &expect![[r#"
            ALTER TABLE pages
                DROP KEY pages_body_idx,
                DROP CONSTRAINT price_is_real,
                MODIFY COLUMN title varchar(80) NOT NULL COMMENT 'As it''s printed',
                MODIFY COLUMN body text NOT NULL,
                MODIFY COLUMN price decimal(10, 2) NOT NULL DEFAULT 0.50,
                MODIFY COLUMN state enum('raw', 'done') NOT NULL DEFAULT 'raw',
                MODIFY COLUMN open tinyint(1) NOT NULL DEFAULT 1,
                MODIFY COLUMN note varchar(20) NOT NULL DEFAULT 'it''s',
                MODIFY COLUMN mark varchar(36) NOT NULL DEFAULT (uuid()),
                MODIFY COLUMN seen_on timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
                MODIFY COLUMN twice decimal(12, 2) GENERATED ALWAYS AS (price * 2) VIRTUAL,
                MODIFY COLUMN shout varchar(80) GENERATED ALWAYS AS (upper(title)) STORED,
                ENGINE = InnoDB,
                DEFAULT CHARACTER SET = utf8mb4,
                DEFAULT COLLATE = utf8mb4_general_ci,
                ADD CONSTRAINT price_is_real CHECK (price >= 0),
                ADD KEY pages_body_idx (body(20)),
                COMMENT = 'What people read; it''s long';
        "#]],
        )
        .has_rows("SELECT concat_ws(' ', title, shout, twice) AS line FROM pages", &["One ONE 1.50"]);
}

/// What the server has is described by attributes that change nothing.
#[test]
fn adoption_changes_nothing() {
    let backend = started(Backend::mysql(), &pages(OPTIONS, KEYS, FIELDS), ROWS);
    let sandbox = &backend.sandbox;
    sandbox.write("src/models.rs", "");
    let printed = sandbox.run(["schema", "--format", "ops"]).exits(0).stdout;
    expect![[r#"
        /// The table `pages`.
        #[expect(dead_code, reason = "it states the table")]
        #[derive(OpsModel)]
        #[diesel(table_name = crate::schema::pages)]
        #[ops(
            column(price, precision(10, 2), default = "0.50"),
            column(twice, precision(12, 2), nullable, generated("price * 2", virtual)),
            column(number, default = 7),
            column(open, default = 1),
            column(seen_on, default = "current_timestamp()", on_update = "current_timestamp()"),
            column(read_on, sql_type = "datetime(6)"),
            unique(title, writer_id, name = "title_once"),
            index(body prefix 20),
            index(title prefix 8 desc, writer_id, name = "by_title"),
            check("price >= 0", name = "price_is_real"),
            comment = "What people read; it's long",
        )]
        pub struct Pages {
            pub id: i32,
            #[ops(max_length = 80, comment = "As it's printed")]
            pub title: String,
            #[ops(index(name = "words_of_body", method = "fulltext"))]
            pub body: String,
            #[ops(index(name = "writer_id"), references(writers.id, on_delete = cascade, on_update = cascade, name = "pages_ibfk_1"))]
            pub writer_id: i32,
            #[ops(max_length = 80, generated = "upper(title)")]
            pub shout: Option<String>,
            #[ops(sql_type = "enum('raw', 'done')", default = "'raw'")]
            pub state: String,
            #[ops(max_length = 20, default = "'it''s'")]
            pub note: String,
            #[ops(max_length = 36, default = "(uuid())")]
            pub mark: String,
        }

        /// The table `writers`.
        #[expect(dead_code, reason = "it states the table")]
        #[derive(OpsModel)]
        #[diesel(table_name = crate::schema::writers)]
        pub struct Writers {
            pub id: i32,
            #[ops(max_length = 40, charset = "utf8mb4", collate = "utf8mb4_bin")]
            pub name: String,
        }

    "#]].assert_eq(&printed);
    write(&backend, &printed);
    agrees(&backend);
}
