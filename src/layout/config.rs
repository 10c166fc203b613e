//! Our configuration in Cargo.toml and Diesel's own diesel.toml, as far as they say where models
//! and migrations are.

use serde::{Deserialize, Serialize};

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history_tables::ProjectRule;
use crate::place::Place;
use crate::review;

/// `[package.metadata.ops-migrate]` or `[workspace.metadata.ops-migrate]`; everything is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The package that is the backend (workspace only).
    pub package: Option<String>,
    /// The migrations directory, relative to the manifest.
    pub migrations: Option<String>,
    /// The dialect, where nothing else tells.
    pub dialect: Option<Dialect>,
    /// The files whose `table!` blocks are the schema, relative to the manifest.
    pub schema_files: Vec<String>,
    /// The environment variable that holds the database URL.
    pub database_url_env: Option<String>,
    /// Tables of the models that the tool leaves alone, by SQL name.
    pub ignore_tables: Vec<String>,
    /// Shared columns that every table has to embed, by the name of their struct (`OpsModel`).
    pub shared_columns: Vec<String>,
    /// The tables that need not, by SQL name.
    pub shared_columns_except: Vec<String>,
    /// That every table has a history.
    pub history: Option<ProjectRule>,
    /// Columns that the tool leaves alone, as `table.column` by SQL names.
    pub ignore_columns: Vec<String>,
    /// What the gate does with a commit that lacks a revision.
    pub pre_commit: Option<Mode>,
    /// The same for a push.
    pub pre_push: Option<Mode>,
    /// Whether every commit of a push has to be right, and not its tip alone.
    pub each_commit: Option<bool>,
    /// Tables and columns (`table.column`) that have left the models, and the database only with a
    /// later release.
    pub deferred_drops: Vec<String>,
    /// Differences between models and revisions that are meant to be.
    pub exceptions: Vec<Exception>,
    /// What the review makes of its rules.
    pub review: review::Settings,
}

/// What the gate does where it would block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    #[default]
    Block,
    /// It says the same and lets it pass.
    Warn,
    /// It does not look.
    Off,
}

/// A difference that is meant to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// A table, a column (`table.column`) or an enum type, by SQL names.
    pub item: String,
    /// Why; whoever reviews the commit reads it.
    pub reason: String,
}

/// The keys of the table in Cargo.toml.
const KEYS: [&str; 16] = [
    "package",
    "migrations",
    "dialect",
    "schema-files",
    "database-url-env",
    "ignore-tables",
    "ignore-columns",
    "pre-commit",
    "pre-push",
    "each-commit",
    "deferred-drops",
    "exceptions",
    "shared-columns",
    "shared-columns-except",
    "history",
    "review",
];

impl Config {
    /// The configuration in a `metadata` table (TOML or JSON); `None` without one.
    ///
    /// # Errors
    /// Where a key is unknown or has the wrong type, and where an exception gives no reason.
    pub fn from_metadata(metadata: &impl Serialize, manifest: &str) -> Result<Option<Self>> {
        let wrong =
            |words: String| Error::undecided(format!("[metadata.ops-migrate]: {words}")).at(Place::file(manifest));
        let metadata = serde_json::to_value(metadata).map_err(|error| wrong(error.to_string()))?;
        let Some(table) = metadata.get("ops-migrate") else { return Ok(None) };
        let mut keys = table.as_object().into_iter().flat_map(|table| table.keys());
        if let Some(unknown) = keys.find(|key| !KEYS.contains(&key.as_str())) {
            let near = KEYS.iter().min_by_key(|known| strsim::damerau_levenshtein(known, unknown));
            let near = near.map(|near| format!("; `{near}` is the nearest one")).unwrap_or_default();
            return Err(wrong(format!("there is no key `{unknown}`{near}")).hint(format!("keys: {}", KEYS.join(", "))));
        }
        let config: Self = serde_json::from_value(table.clone()).map_err(|error| wrong(error.to_string()))?;
        if let Some(bare) = config.exceptions.iter().find(|exception| exception.reason.trim().is_empty()) {
            return Err(wrong(format!("the exception for {} has no reason", bare.item))
                .hint("say why, for whoever reviews it: reason = \"…\""));
        }
        if let Some(odd) = config.history.as_ref().filter(|rule| !ops_migrate_grammar::is_suffix(&rule.suffix)) {
            return Err(wrong(format!("`{}` is no suffix of a history", odd.suffix))
                .hint("it is made of letters, digits and `_`: suffix = \"_version\""));
        }
        if let Some(odd) = config.ignore_columns.iter().find(|column| !column.contains('.')) {
            return Err(wrong(format!("ignore-columns names `{odd}`, which is no column")).hint("write table.column"));
        }
        Ok(Some(config))
    }
}

/// What a diesel.toml says of places, relative to its own directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DieselToml {
    pub schema_files: Vec<String>,
    pub migrations: Option<String>,
    pub patch_files: Vec<String>,
    /// Tables that `print-schema` leaves out, where the pattern is a plain name: whatever `table!`
    /// says of them is not the schema's business.
    pub left_out: Vec<String>,
}

impl DieselToml {
    /// Reads the text of a diesel.toml.
    ///
    /// # Errors
    /// Where it is not TOML.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let value: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let offset = error.span().map_or(0, |span| span.start);
            Error::undecided(format!("this is not TOML: {}", error.message())).at(Place::at_offset(file, text, offset))
        })?;
        let mut found = Self::default();
        if let Some(print_schema) = value.get("print_schema").and_then(toml::Value::as_table) {
            found.take_print_schema(print_schema);
            // `[print_schema.KEY]`: one table per schema file.
            for sub in print_schema.values().filter_map(toml::Value::as_table) {
                found.take_print_schema(sub);
            }
        }
        found.migrations = value
            .get("migrations_directory")
            .and_then(|m| m.get("dir"))
            .and_then(toml::Value::as_str)
            .map(ToOwned::to_owned);
        Ok(found)
    }

    fn take_print_schema(&mut self, table: &toml::Table) {
        let text = |key| table.get(key).and_then(toml::Value::as_str).map(ToOwned::to_owned);
        self.schema_files.extend(text("file"));
        self.patch_files.extend(text("patch_file"));
        let left_out = table.get("filter").and_then(|filter| filter.get("except_tables")?.as_array());
        let names = left_out.into_iter().flatten().filter_map(toml::Value::as_str);
        let names = names.map(|name| name.trim_start_matches('^').trim_end_matches('$'));
        let is_plain = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
        self.left_out.extend(names.filter(is_plain).map(ToOwned::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Mode};

    fn read(text: &str) -> Result<Config, String> {
        let metadata: toml::Table = text.parse().unwrap();
        match Config::from_metadata(&metadata, "Cargo.toml") {
            Ok(config) => Ok(config.unwrap_or_default()),
            Err(error) => Err(format!("{error} | {}", error.hints.join(" | "))),
        }
    }

    #[test]
    fn every_key_is_read() {
        let text = "[ops-migrate]\npackage = \"a\"\nmigrations = \"m\"\ndialect = \"sqlite\"\nschema-files = [\"s\"]\n\
                    database-url-env = \"U\"\nignore-tables = [\"t\"]\nignore-columns = [\"t.c\"]\npre-commit = \"warn\"\n\
                    pre-push = \"off\"\neach-commit = true\ndeferred-drops = [\"t.d\"]\n\
                    [[ops-migrate.exceptions]]\nitem = \"t.e\"\nreason = \"generated\"\n";
        let config = read(text).unwrap();
        assert_eq!((config.pre_commit, config.pre_push), (Some(Mode::Warn), Some(Mode::Off)));
        assert_eq!((config.each_commit, config.exceptions.len()), (Some(true), 1));
        let keys = serde_json::to_value(&config).unwrap();
        let keys: Vec<&String> = keys.as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), super::KEYS.len());
        assert!(keys.iter().all(|key| super::KEYS.contains(&key.as_str())), "{keys:?}");
        assert_eq!(read("[other]\n").unwrap(), Config::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |text: &str, expected: &str| {
            let found = read(&format!("[ops-migrate]\n{text}")).unwrap_err();
            assert!(found.starts_with(&format!("Cargo.toml: [metadata.ops-migrate]: {expected}")), "{found}");
        };
        check(
            "pre_commit = \"warn\"",
            "there is no key `pre_commit`; `pre-commit` is the nearest one | keys: package, ",
        );
        check("ignored-tables = []", "there is no key `ignored-tables`; `ignore-tables` is the nearest one");
        check("pre-commit = \"maybe\"", "unknown variant `maybe`, expected one of `block`, `warn`, `off`");
        check("exceptions = [{ item = \"a\", reason = \" \" }]", "the exception for a has no reason");
        check("exceptions = [{ item = \"a\" }]", "missing field `reason`");
        check("ignore-columns = [\"a\"]", "ignore-columns names `a`, which is no column");
    }
}
