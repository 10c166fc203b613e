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
        Case {
            before: parts("", ""),
            rows: PARTS,
            after: parts(&own_kind("'draft', 'final'"), ""),
            flags: &[],
        }
        .on(Backend::mysql())
        .gives(&expect![[r#"
            ALTER TABLE parts
                ADD COLUMN kind enum('draft', 'final') NOT NULL DEFAULT 'draft',
                ADD KEY parts_kind_idx (kind);
        "#]], &expect![[r#"
            ALTER TABLE parts
                DROP KEY parts_kind_idx,
                DROP COLUMN kind;
        "#]])
        .has_rows("SELECT kind AS line FROM parts", &["draft", "draft"]);
    }

    #[test]
    fn case_9_a_value_is_renamed() {
        let after = own_kind("'planned', 'final'").replace("'draft'", "'planned'");
        Case {
            before: parts(&own_kind("'draft', 'final'"), ""),
            rows: PARTS,
            after: parts(&after, BESIDE),
            flags: &["--rename", "parts.kind.draft:planned"],
        }
        .on(Backend::mysql())
        .gives(&expect![[""]], &expect![[""]])
        .has_rows("SELECT kind AS line FROM parts", &["planned", "planned"]);
    }

    #[test]
    fn case_10_values_come_at_the_end_and_in_the_middle() {
        Case {
            before: parts(&own_kind("'draft', 'final'"), ""),
            rows: PARTS,
            after: parts(&own_kind("'draft', 'asked', 'final', 'gone'"), ""),
            flags: &[],
        }
        .on(Backend::mysql())
        .gives(&expect![[r#"
            ALTER TABLE parts MODIFY COLUMN kind enum('draft', 'asked', 'final', 'gone') NOT NULL DEFAULT 'draft';
        "#]], &expect![[r#"
            -- loses which rows had 'asked' in parts.kind: they get 'draft'
            -- loses which rows had 'gone' in parts.kind: they get 'final'

            UPDATE parts SET kind = CASE kind WHEN 'asked' THEN 'draft' WHEN 'gone' THEN 'final' ELSE kind END;

            ALTER TABLE parts MODIFY COLUMN kind enum('draft', 'final') NOT NULL DEFAULT 'draft';
        "#]]);
    }
}

mod postgres_tests {
    use super::*;

    #[test]
    fn case_2_a_column_of_an_enum() {
        Case {
            before: parts("", ""),
            rows: PARTS,
            after: parts(KIND, "") + &kinds("Draft, Final"),
            flags: &[],
        }
        .on(Backend::postgres())
        .gives(&expect![[""]], &expect![[""]])
        .has_rows("SELECT kind AS line FROM parts", &["draft", "draft"]);
    }

    #[test]
    fn case_9_a_value_is_renamed() {
        Case {
            before: parts(KIND, "") + &kinds("Draft, Final"),
            rows: PARTS,
            after: parts(&KIND.replace("'draft'", "'planned'"), BESIDE) + &kinds("Planned, Final"),
            flags: &["--rename", "kind.draft:planned"],
        }
        .on(Backend::postgres())
        .gives(&expect![[""]], &expect![[""]])
        .has_rows("SELECT kind AS line FROM parts", &["planned", "planned"]);
    }

    #[test]
    fn case_10_a_value_comes_at_the_end() {
        Case {
            before: parts(KIND, "") + &kinds("Draft, Final"),
            rows: PARTS,
            after: parts(KIND, "") + &kinds("Draft, Final, Gone"),
            flags: &[],
        }
        .on(Backend::postgres())
        .gives(&expect![[""]], &expect![[""]]);
    }

    #[test]
    fn case_10_a_value_comes_in_the_middle() {
        Case {
            before: parts(KIND, "") + &kinds("Draft, Final"),
            rows: PARTS,
            after: parts(KIND, "") + &kinds("Draft, Asked, Final"),
            flags: &[],
        }
        .on(Backend::postgres())
        .gives(&expect![[""]], &expect![[""]]);
    }
}
