//! Enums: a column of one, a value renamed, values that come at the end and in the middle.

use expect_test::expect;

use super::{Case, model, teams};
use crate::runner::Backend;

/// The enum of a part's kind, for diesel-derive-enum.
fn kinds(variants: &str) -> String {
    format!("\n#[derive(diesel_derive_enum::DbEnum)]\npub enum Kind {{\n{variants}\n}}\n")
}

fn parts(kind: &str, more: &str) -> String {
    let fields = format!("#[ops(max_length = 20)] name: String,\n{kind}{more}");
    teams() + &model("parts", "", &fields)
}

const KIND: &str = "#[ops(default = \"'draft'\", index)] #[diesel(sql_type = KindMapping)] kind: Kind,";

/// The same as MySQL has it: a type of the column.
#[cfg(feature = "mysql")]
fn own_kind(values: &str) -> String {
    format!("#[ops(sql_type = \"enum({values})\", default = \"'draft'\", index)] kind: String,")
}

const PARTS: &str = "INSERT INTO parts (name) VALUES ('bolt'), ('nut')";

/// Case 9: what comes beside the renamed value.
const BESIDE: &str = "
    #[ops(references(teams.id, on_delete = set_null), index)] team_id: Option<i32>,
    starts_on: Option<chrono::NaiveDate>,
    ends_on: Option<chrono::NaiveDate>,";

#[cfg(feature = "mysql")]
mod mariadb {
    use super::*;

    #[test]
    fn case_2_a_column_of_an_enum() {
        Case { before: parts("", ""), rows: PARTS, after: parts(&own_kind("'draft', 'final'"), ""), ..Case::default() }
            .on(Backend::mysql())
            .gives(
                &expect![[r#"
            ALTER TABLE parts
                ADD COLUMN kind enum('draft', 'final') NOT NULL DEFAULT 'draft',
                ADD KEY parts_kind_idx (kind);
        "#]],
                &expect![[r#"
            ALTER TABLE parts
                DROP KEY parts_kind_idx,
                DROP COLUMN kind;
        "#]],
            )
            .has_rows("SELECT kind AS line FROM parts", &["draft", "draft"]);
    }

    #[test]
    fn case_9_a_value_is_renamed() {
        let after = own_kind("'planned', 'final'").replace("\"'draft'", "\"'planned'");
        Case {
            before: parts(&own_kind("'draft', 'final'"), ""),
            rows: PARTS,
            after: parts(&after, BESIDE),
            flags: &["--rename", "parts.kind.draft:planned"],
            ..Case::default()
        }
        .on(Backend::mysql())
        .gives(
            &expect![[r#"
            ALTER TABLE parts
                ADD COLUMN _ops_new_kind enum('planned', 'final'),
                MODIFY COLUMN kind enum('draft', 'final');

            UPDATE parts SET _ops_new_kind = CASE kind WHEN 'draft' THEN 'planned' ELSE kind END, kind = NULL;

            ALTER TABLE parts MODIFY COLUMN kind enum('planned', 'final');

            UPDATE parts SET kind = _ops_new_kind;

            -- loses what of parts.kind does not fit enum('planned','final')
            ALTER TABLE parts
                DROP COLUMN _ops_new_kind,
                ADD COLUMN team_id int,
                ADD COLUMN starts_on date,
                ADD COLUMN ends_on date,
                MODIFY COLUMN kind enum('planned', 'final') NOT NULL DEFAULT 'planned',
                ADD KEY parts_team_id_idx (team_id),
                ADD CONSTRAINT parts_ibfk_1 FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL;
        "#]],
            &expect![[r#"
            -- restores the structure only: what of parts.kind does not fit enum('planned','final') is lost

            ALTER TABLE parts
                ADD COLUMN _ops_new_kind enum('draft', 'final'),
                MODIFY COLUMN kind enum('planned', 'final');

            UPDATE parts SET _ops_new_kind = CASE kind WHEN 'planned' THEN 'draft' ELSE kind END, kind = NULL;

            ALTER TABLE parts MODIFY COLUMN kind enum('draft', 'final');

            UPDATE parts SET kind = _ops_new_kind;

            ALTER TABLE parts
                DROP FOREIGN KEY parts_ibfk_1,
                DROP KEY parts_team_id_idx,
                DROP COLUMN team_id,
                DROP COLUMN starts_on,
                DROP COLUMN ends_on,
                DROP COLUMN _ops_new_kind,
                MODIFY COLUMN kind enum('draft', 'final') NOT NULL DEFAULT 'draft';
        "#]],
        )
        .has_rows("SELECT kind AS line FROM parts", &["planned", "planned"]);
    }

    #[test]
    fn case_10_values_come_at_the_end_and_in_the_middle() {
        Case {
            before: parts(&own_kind("'draft', 'final'"), ""),
            rows: PARTS,
            after: parts(&own_kind("'draft', 'asked', 'final', 'gone'"), ""),
            ..Case::default()
        }
        .on(Backend::mysql())
        .gives(
            &expect![[r#"
            ALTER TABLE parts MODIFY COLUMN kind enum('draft', 'asked', 'final', 'gone') NOT NULL DEFAULT 'draft';
        "#]],
            &expect![[r#"
            -- loses which rows had 'asked' in parts.kind: they get 'draft'
            -- loses which rows had 'gone' in parts.kind: they get 'final'

            UPDATE parts SET kind = CASE kind WHEN 'asked' THEN 'draft' WHEN 'gone' THEN 'final' ELSE kind END;

            ALTER TABLE parts MODIFY COLUMN kind enum('draft', 'final') NOT NULL DEFAULT 'draft';
        "#]],
        );
    }
}

mod postgres_tests {
    use super::*;

    /// The history gets the column with the enum's own type.
    #[test]
    fn case_2_with_a_history() {
        let after = parts(KIND, "") + &kinds("Draft, Final");
        let case = Case { before: parts("", ""), rows: PARTS, after, ..Case::default() };
        let done = case.with_history_of("parts").on(Backend::postgres());
        assert!(done.up().contains("ALTER TABLE parts_history ADD COLUMN kind kind"), "{}", done.up());
    }

    #[test]
    fn case_2_a_column_of_an_enum() {
        Case { before: parts("", ""), rows: PARTS, after: parts(KIND, "") + &kinds("Draft, Final"), ..Case::default() }
            .on(Backend::postgres())
            .gives(
                &expect![[r#"
                CREATE TYPE kind AS ENUM ('draft', 'final');

                ALTER TABLE parts ADD COLUMN kind kind NOT NULL DEFAULT 'draft';

                CREATE INDEX parts_kind_idx ON parts (kind);
            "#]],
                &expect![[r#"
                DROP INDEX parts_kind_idx;

                ALTER TABLE parts DROP COLUMN kind;

                DROP TYPE kind;
            "#]],
            )
            .has_rows("SELECT kind AS line FROM parts", &["draft", "draft"]);
    }

    #[test]
    fn case_9_a_value_is_renamed() {
        Case {
            before: parts(KIND, "") + &kinds("Draft, Final"),
            rows: PARTS,
            after: parts(&KIND.replace("'draft'", "'planned'"), BESIDE) + &kinds("Planned, Final"),
            flags: &["--rename", "kind.draft:planned"],
            ..Case::default()
        }
        .on(Backend::postgres())
        .gives(
            &expect![[r#"
            ALTER TYPE kind RENAME VALUE 'draft' TO 'planned';

            ALTER TABLE parts ADD COLUMN team_id integer;

            ALTER TABLE parts ADD COLUMN starts_on date;

            ALTER TABLE parts ADD COLUMN ends_on date;

            CREATE INDEX parts_team_id_idx ON parts (team_id);

            ALTER TABLE parts
                ADD CONSTRAINT parts_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL;
        "#]],
            &expect![[r#"
            ALTER TYPE kind RENAME VALUE 'planned' TO 'draft';

            ALTER TABLE parts DROP CONSTRAINT parts_team_id_fkey;

            DROP INDEX parts_team_id_idx;

            ALTER TABLE parts DROP COLUMN team_id;

            ALTER TABLE parts DROP COLUMN starts_on;

            ALTER TABLE parts DROP COLUMN ends_on;
        "#]],
        )
        .has_rows("SELECT kind AS line FROM parts", &["planned", "planned"]);
    }

    #[test]
    fn case_10_a_value_comes_at_the_end() {
        Case {
            before: parts(KIND, "") + &kinds("Draft, Final"),
            rows: PARTS,
            after: parts(KIND, "") + &kinds("Draft, Final, Gone"),
            ..Case::default()
        }
        .on(Backend::postgres())
        .gives(
            &expect![[r#"
            ALTER TYPE kind ADD VALUE 'gone';
        "#]],
            &expect![[r#"
            -- loses which rows had 'gone' of enum kind: they get 'final'

            ALTER TYPE kind RENAME TO kind__old;

            CREATE TYPE kind AS ENUM ('draft', 'final');

            ALTER TABLE parts
                ALTER COLUMN kind DROP DEFAULT,
                ALTER COLUMN kind TYPE kind USING (CASE kind::text WHEN 'gone' THEN 'final' ELSE kind::text END)::kind,
                ALTER COLUMN kind SET DEFAULT 'draft';

            DROP TYPE kind__old;
        "#]],
        );
    }

    #[test]
    fn case_10_a_value_comes_in_the_middle() {
        Case {
            before: parts(KIND, "") + &kinds("Draft, Final"),
            rows: PARTS,
            after: parts(KIND, "") + &kinds("Draft, Asked, Final"),
            ..Case::default()
        }
        .on(Backend::postgres())
        .gives(
            &expect![[r#"
            ALTER TYPE kind ADD VALUE 'asked' BEFORE 'final';
        "#]],
            &expect![[r#"
            -- loses which rows had 'asked' of enum kind: they get 'draft'

            ALTER TYPE kind RENAME TO kind__old;

            CREATE TYPE kind AS ENUM ('draft', 'final');

            ALTER TABLE parts
                ALTER COLUMN kind DROP DEFAULT,
                ALTER COLUMN kind TYPE kind USING (CASE kind::text WHEN 'asked' THEN 'draft' ELSE kind::text END)::kind,
                ALTER COLUMN kind SET DEFAULT 'draft';

            DROP TYPE kind__old;
        "#]],
        );
    }
}
