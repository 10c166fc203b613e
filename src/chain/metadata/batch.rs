//! `[ops-migrate.batch]`: how a data step goes through a table piece by piece. What the pieces do is
//! in `up.sql`; running them is the runner's work.

use serde::{Deserialize, Serialize};
use toml::de::DeValue;

use super::{Source, Value, kind_of, quoted};
use crate::error::Result;

/// How many rows a batch has where nobody says so.
pub const DEFAULT_SIZE: u32 = 1000;

const KEYS: [&str; 4] = ["table", "key", "size", "pause_ms"];

/// The order in which a data step goes through a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// With its schema and a dot where that is not the default.
    pub table: String,
    /// One column, by whose order the rows are taken: the primary key, most often.
    pub key: String,
    /// Rows of the table in each batch.
    pub size: u32,
    /// How long the database is left alone after each batch, in milliseconds.
    pub pause_ms: u32,
}

impl Batch {
    /// The table of `metadata.toml`.
    pub(super) fn render(&self) -> String {
        let pause = if self.pause_ms == 0 { String::new() } else { format!("pause_ms = {}\n", self.pause_ms) };
        format!(
            "\n[ops-migrate.batch]\ntable = {}\nkey = {}\nsize = {}\n{pause}",
            quoted(&self.table),
            quoted(&self.key),
            self.size
        )
    }
}

impl Source<'_> {
    pub(super) fn batch(&self, value: &Value<'_>) -> Result<Batch> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong("batch", value.span(), value.get_ref(), "a table"));
        };
        let mut batch = Batch { table: String::new(), key: String::new(), size: DEFAULT_SIZE, pause_ms: 0 };
        for (key, value) in table.iter() {
            let name: &str = key.get_ref();
            match name {
                "table" => batch.table = self.string(name, value)?,
                "key" => batch.key = self.string(name, value)?,
                "size" => batch.size = self.number(name, value, 1)?,
                "pause_ms" => batch.pause_ms = self.number(name, value, 0)?,
                unknown => {
                    let message = format!("`{unknown}` has no meaning in `batch`, whose keys are {}", KEYS.join(", "));
                    return Err(self.error(key.span(), message));
                }
            }
        }
        let missing = [("table", &batch.table), ("key", &batch.key)].into_iter().find(|(_, value)| value.is_empty());
        match missing {
            Some((key, _)) => Err(self
                .error(value.span(), format!("`batch` says no `{key}`"))
                .hint("it names the table to go through, and the column by whose order: its primary key, most often")),
            None => Ok(batch),
        }
    }

    fn number(&self, key: &str, value: &Value<'_>, least: u32) -> Result<u32> {
        let wanted = format!("a whole number from {least} on");
        match value.get_ref() {
            DeValue::Integer(number) => match number.to_string().parse::<u32>() {
                Ok(number) if number >= least => Ok(number),
                _ => Err(self.error(value.span(), format!("`{key}` has to be {wanted}"))),
            },
            other => Err(self.error(value.span(), format!("`{key}` is {} and has to be {wanted}", kind_of(other)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::chain::metadata::{Metadata, parse};

    /// What a batch table says, or why it is refused.
    fn check(table: &str, expected: Expect) {
        let text = format!("run_in_transaction = true\n[ops-migrate]\ndata = true\n[ops-migrate.batch]\n{table}");
        let found = match parse(&text, "m.toml") {
            Ok(parsed) => format!("{:?}", parsed.metadata.batch),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn table_and_key_are_needed() {
        check(
            "table = 'users'\nkey = 'id'",
            expect![[r#"Some(Batch { table: "users", key: "id", size: 1000, pause_ms: 0 })"#]],
        );
        check(
            "table = 'app.users'\nkey = 'id'\nsize = 50\npause_ms = 10",
            expect![[r#"Some(Batch { table: "app.users", key: "id", size: 50, pause_ms: 10 })"#]],
        );
        check("table = 'users'", expect!["m.toml:4: `batch` says no `key`"]);
        check("table = 'users'\nkey = 'id'\nsize = 0", expect!["m.toml:7: `size` has to be a whole number from 1 on"]);
        check(
            "table = 'users'\nkey = 'id'\nsize = 'all'",
            expect!["m.toml:7: `size` is a string and has to be a whole number from 1 on"],
        );
        check(
            "table = 'users'\nkeys = 'id'",
            expect!["m.toml:6: `keys` has no meaning in `batch`, whose keys are table, key, size, pause_ms"],
        );
    }

    #[test]
    fn in_one_transaction_alone() {
        let text = "run_in_transaction = false\n[ops-migrate]\nbatch = { table = 't', key = 'id' }\n";
        let error = parse(text, "m.toml").unwrap_err();
        expect!["m.toml:3: a revision in batches needs `run_in_transaction = true`"].assert_eq(&error.to_string());
    }

    #[test]
    fn what_is_written_is_read() {
        let batch = super::Batch { table: "a\"b".to_owned(), key: "id".to_owned(), size: 7, pause_ms: 3 };
        let metadata = Metadata { data: true, batch: Some(batch), ..Metadata::default() };
        assert_eq!(parse(&metadata.render(), "m.toml").unwrap().metadata, metadata);
    }
}
