//! Our configuration in Cargo.toml and Diesel's own diesel.toml, as far as they say where models
//! and migrations are.

use serde::{Deserialize, Serialize};

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::place::Place;

/// `[package.metadata.ops-migrate]` or `[workspace.metadata.ops-migrate]`; everything is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The package that is the backend (workspace only).
    pub package: Option<String>,
    /// The migrations directory, relative to the manifest.
    pub migrations: Option<String>,
    /// The dialect, where nothing else tells.
    pub dialect: Option<Dialect>,
    /// The files whose `table!` blocks are the schema, relative to the manifest.
    #[serde(default)]
    pub schema_files: Vec<String>,
    /// The environment variable that holds the database URL.
    pub database_url_env: Option<String>,
    /// Tables of the models that the tool leaves alone, by SQL name.
    #[serde(default)]
    pub ignore_tables: Vec<String>,
    /// Shared columns that every table has to embed, by the name of their struct (`OpsModel`).
    #[serde(default)]
    pub shared_columns: Vec<String>,
    /// The tables that need not, by SQL name.
    #[serde(default)]
    pub shared_columns_except: Vec<String>,
}

impl Config {
    /// The configuration in a `metadata` table (TOML or JSON); `None` without one.
    ///
    /// # Errors
    /// Where a key is unknown or has the wrong type.
    pub fn from_metadata(metadata: &impl Serialize, manifest: &str) -> Result<Option<Self>> {
        let wrong = |error: serde_json::Error| {
            Error::undecided(format!("[metadata.ops-migrate]: {error}")).at(Place::file(manifest))
        };
        let metadata = serde_json::to_value(metadata).map_err(wrong)?;
        match metadata.get("ops-migrate") {
            Some(table) => serde_json::from_value(table.clone()).map(Some).map_err(wrong),
            None => Ok(None),
        }
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
