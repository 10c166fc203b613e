//! The sections `[print_schema]` and `[print_schema.KEY]` of a diesel.toml
//! (diesel.rs/guides/configuring-diesel-cli). A setting that is unknown, or known and not followed
//! here, becomes a note; none is passed over in silence.

use toml::{Table, Value};

use super::Pattern;
use crate::error::{Error, Result};
use crate::place::Place;

/// One section.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// `KEY`; `default` for `[print_schema]` itself.
    pub key: String,
    /// The schema file, relative to the diesel.toml.
    pub file: Option<String>,
    /// A patch of what is printed, relative to the diesel.toml.
    pub patch_file: Option<String>,
    pub settings: Settings,
    /// Settings that are not followed, in words.
    pub notes: Vec<String>,
}

/// How a schema is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub docs: Docs,
    pub same_query: SameQuery,
    pub filter: Filter,
    /// Columns by name instead of in the table's order.
    pub sort_by_name: bool,
    /// The schema that is printed, as a module; without it, the default one.
    pub schema: Option<String>,
    /// The `use` lines of each `table!`.
    pub imports: Option<Vec<String>>,
    /// Whether SQL types that Diesel does not have are declared.
    pub define_types: bool,
    /// Types that are not declared, by Rust name.
    pub except_types: Vec<Pattern>,
    /// What declared types derive beside `SqlType`.
    pub derives: Vec<String>,
    /// Domains that are types of their own.
    pub domains_as_types: Vec<Pattern>,
    /// SQLite: an `INTEGER PRIMARY KEY`, and what references one, is a `BigInt`.
    pub bigint_keys: bool,
    pub shape: Shape,
}

/// The configuration of rustfmt, which diesel_cli pipes its output through, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub max_width: usize,
    pub tab_spaces: usize,
}

impl Default for Shape {
    fn default() -> Self {
        Self { max_width: 100, tab_spaces: 4 }
    }
}

impl Shape {
    /// What a rustfmt.toml says; the defaults where it says nothing that can be read.
    pub fn parse(text: &str) -> Self {
        let table: Table = text.parse().unwrap_or_default();
        let number = |key: &str| table.get(key).and_then(Value::as_integer).and_then(|n| usize::try_from(n).ok());
        let default = Self::default();
        Self {
            max_width: number("max_width").unwrap_or(default.max_width),
            tab_spaces: number("tab_spaces").unwrap_or(default.tab_spaces),
        }
    }
}

/// Which doc comments are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Docs {
    #[default]
    None,
    /// The database's comments.
    Comments,
    /// The database's comments, else a sentence.
    Always,
}

/// How tables are grouped in `allow_tables_to_appear_in_same_query!`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameQuery {
    #[default]
    AllTables,
    /// Those that foreign keys connect.
    Related,
    None,
}

/// Which tables are printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Filter {
    #[default]
    All,
    Only(Vec<Pattern>),
    Except(Vec<Pattern>),
}

impl Filter {
    /// Whether a table is printed.
    pub fn admits(&self, table: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(patterns) => patterns.iter().any(|p| p.is_match(table)),
            Self::Except(patterns) => !patterns.iter().any(|p| p.is_match(table)),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            docs: Docs::default(),
            same_query: SameQuery::default(),
            filter: Filter::default(),
            sort_by_name: false,
            schema: None,
            imports: None,
            define_types: true,
            except_types: Vec::new(),
            derives: Vec::new(),
            domains_as_types: Vec::new(),
            bigint_keys: false,
            shape: Shape::default(),
        }
    }
}

/// Settings of diesel_cli's development version that change nothing here until they are switched
/// on, with what then is not done.
const NOT_FOLLOWED: [(&str, &str); 4] = [
    ("include_views", "the revisions do not tell the columns of a view"),
    ("experimental_infer_nullable_for_views", "the revisions do not tell the columns of a view"),
    ("generate_rust_enum_definitions", "enums are left as they are"),
    ("custom_enum_derives", "enums are left as they are"),
];

/// The sections of a diesel.toml in the order in which diesel_cli prints them; one with the
/// defaults where it has none.
///
/// # Errors
/// Where it is not TOML, a value has a wrong type, or an expression cannot be read.
pub fn sections(text: &str, file: &str) -> Result<Vec<Section>> {
    let mut root: Table = text.parse().map_err(|error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        Error::undecided(format!("this is not TOML: {}", error.message())).at(Place::at_offset(file, text, offset))
    })?;
    let mut own = match root.remove("print_schema") {
        None => Table::new(),
        Some(Value::Table(table)) => table,
        Some(_) => return Err(wrong(file, "print_schema", "a table")),
    };
    let keys: Vec<String> =
        own.iter().filter(|(k, v)| *k != "filter" && v.is_table()).map(|(k, _)| k.clone()).collect();
    let mut found = Vec::new();
    for key in keys {
        if let Some(Value::Table(table)) = own.remove(&key) {
            found.push(Reader { path: format!("print_schema.{key}"), table, file }.section(key)?);
        }
    }
    if !found.iter().any(|section| section.key == "default") {
        found.push(Reader { path: "print_schema".to_owned(), table: own, file }.section("default".to_owned())?);
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(found)
}

fn wrong(file: &str, key: &str, expected: &str) -> Error {
    Error::undecided(format!("{key}: expected {expected}")).at(Place::file(file))
}

/// Takes the settings out of a section's table one by one; what is left over is unknown.
struct Reader<'a> {
    path: String,
    table: Table,
    file: &'a str,
}

impl Reader<'_> {
    fn section(mut self, key: String) -> Result<Section> {
        let settings = Settings {
            docs: self.docs()?,
            same_query: self.same_query()?,
            filter: self.filter()?,
            sort_by_name: match self.text("column_sorting")?.as_deref() {
                None | Some("ordinal_position") => false,
                Some("name") => true,
                Some(_) => return Err(self.wrong("column_sorting", "\"ordinal_position\" or \"name\"")),
            },
            schema: self.text("schema")?,
            imports: self.list("import_types")?,
            define_types: self.flag("generate_missing_sql_type_definitions")?.unwrap_or(true),
            except_types: self.patterns("except_custom_type_definitions")?,
            derives: self.list("custom_type_derives")?.unwrap_or_default(),
            domains_as_types: self.patterns("pg_domains_as_custom_types")?,
            bigint_keys: self.flag("sqlite_integer_primary_key_is_bigint")?.unwrap_or(false),
            shape: Shape::default(),
        };
        let (file, patch_file) = (self.text("file")?, self.text("patch_file")?);
        Ok(Section { key, file, patch_file, settings, notes: self.leftovers() })
    }

    fn leftovers(&self) -> Vec<String> {
        let note = |(key, value): (&String, &Value)| {
            let known = NOT_FOLLOWED.iter().find(|(name, _)| name == key);
            match known {
                Some(_) if *value == Value::Boolean(false) => None,
                Some((_, why)) => Some(format!("{}: {}.{key} is not followed: {why}", self.file, self.path)),
                None => Some(format!("{}: {}.{key} is no setting that is known here", self.file, self.path)),
            }
        };
        self.table.iter().filter_map(note).collect()
    }

    fn wrong(&self, key: &str, expected: &str) -> Error {
        wrong(self.file, &format!("{}.{key}", self.path), expected)
    }

    fn text(&mut self, key: &str) -> Result<Option<String>> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "a text")),
        }
    }

    fn flag(&mut self, key: &str) -> Result<Option<bool>> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Boolean(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    fn list(&mut self, key: &str) -> Result<Option<Vec<String>>> {
        let Some(value) = self.table.remove(key) else { return Ok(None) };
        let texts = value.as_array().and_then(|values| {
            values.iter().map(|value| value.as_str().map(ToOwned::to_owned)).collect::<Option<Vec<String>>>()
        });
        texts.map(Some).ok_or_else(|| self.wrong(key, "a list of texts"))
    }

    fn patterns(&mut self, key: &str) -> Result<Vec<Pattern>> {
        let texts = self.list(key)?.unwrap_or_default();
        texts
            .iter()
            .map(|text| {
                Pattern::parse(text).map_err(|why| {
                    Error::undecided(format!("{}.{key}: the expression `{text}` cannot be read: {why}", self.path))
                        .at(Place::file(self.file))
                })
            })
            .collect()
    }

    fn docs(&mut self) -> Result<Docs> {
        match self.table.remove("with_docs") {
            None | Some(Value::Boolean(false)) => Ok(Docs::None),
            Some(Value::Boolean(true)) => Ok(Docs::Always),
            Some(Value::String(text)) => match text.as_str() {
                "database-comments-fallback-to-auto-generated-doc-comment" => Ok(Docs::Always),
                "only-database-comments" => Ok(Docs::Comments),
                "no-doc-comments" => Ok(Docs::None),
                _ => Err(self.wrong("with_docs", "true, false or one of diesel_cli's three modes")),
            },
            Some(_) => Err(self.wrong("with_docs", "true, false or one of diesel_cli's three modes")),
        }
    }

    fn same_query(&mut self) -> Result<SameQuery> {
        let key = "allow_tables_to_appear_in_same_query_config";
        match self.text(key)?.as_deref() {
            None | Some("all_tables") => Ok(SameQuery::AllTables),
            Some("fk_related_tables") => Ok(SameQuery::Related),
            Some("none") => Ok(SameQuery::None),
            Some(_) => Err(self.wrong(key, "\"all_tables\", \"fk_related_tables\" or \"none\"")),
        }
    }

    fn filter(&mut self) -> Result<Filter> {
        let table = match self.table.remove("filter") {
            None => return Ok(Filter::All),
            Some(Value::Table(table)) => table,
            Some(_) => return Err(self.wrong("filter", "only_tables or except_tables")),
        };
        let mut inner = Reader { path: format!("{}.filter", self.path), table, file: self.file };
        let has = |key: &str| inner.table.contains_key(key);
        let filter = match (has("only_tables"), has("except_tables")) {
            (true, true) => return Err(self.wrong("filter", "only_tables or except_tables, not both")),
            (true, false) => Filter::Only(inner.patterns("only_tables")?),
            (false, true) => Filter::Except(inner.patterns("except_tables")?),
            (false, false) => Filter::All,
        };
        match inner.table.keys().next() {
            None => Ok(filter),
            Some(key) => Err(inner.wrong(key, "only_tables or except_tables")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Docs, Filter, SameQuery, sections};

    #[test]
    fn every_setting() {
        let text = r#"
            [print_schema]
            file = "src/schema.rs"
            with_docs = "only-database-comments"
            allow_tables_to_appear_in_same_query_config = "fk_related_tables"
            filter = { except_tables = ["^tmp_"] }
            column_sorting = "name"
            schema = "app"
            patch_file = "schema.patch"
            import_types = ["diesel::sql_types::*"]
            generate_missing_sql_type_definitions = false
            except_custom_type_definitions = ["Vector"]
            custom_type_derives = ["diesel::query_builder::QueryId"]
            sqlite_integer_primary_key_is_bigint = true
            pg_domains_as_custom_types = ["."]
        "#;
        let found = sections(text, "diesel.toml").unwrap();
        let [section] = found.as_slice() else { panic!("{found:?}") };
        assert!(section.notes.is_empty(), "{:?}", section.notes);
        assert_eq!(section.key, "default");
        assert_eq!(section.file.as_deref(), Some("src/schema.rs"));
        assert_eq!(section.patch_file.as_deref(), Some("schema.patch"));
        let settings = &section.settings;
        assert_eq!((settings.docs, settings.same_query), (Docs::Comments, SameQuery::Related));
        assert!(matches!(&settings.filter, Filter::Except(patterns) if patterns.len() == 1));
        assert!(settings.sort_by_name && settings.bigint_keys && !settings.define_types);
        assert!(!settings.filter.admits("tmp_x") && settings.filter.admits("users"));
    }

    #[test]
    fn several_sections_and_what_is_unknown() {
        let text = "[print_schema]\nwith_dogs = true\ninclude_views = true\ngenerate_rust_enum_definitions = false\n[print_schema.b]\nfile = \"b.rs\"\n[print_schema.b.filter]\nonly_tables = [\"b\"]\n[print_schema.a]\nfile = \"a.rs\"\n";
        let found = sections(text, "diesel.toml").unwrap();
        assert_eq!(found.iter().map(|s| s.key.as_str()).collect::<Vec<_>>(), ["a", "b", "default"]);
        assert!(!found[1].settings.filter.admits("a"));
        assert_eq!(
            found[2].notes,
            [
                "diesel.toml: print_schema.include_views is not followed: the revisions do not tell the columns of a view",
                "diesel.toml: print_schema.with_dogs is no setting that is known here"
            ]
        );
    }

    #[test]
    fn wrong_values_are_named() {
        let cases = [
            ("print_schema = 1", "diesel.toml: print_schema: expected a table"),
            ("[print_schema]\nfile = 1", "diesel.toml: print_schema.file: expected a text"),
            ("[print_schema]\nwith_docs = 1", "with_docs: expected true, false"),
            (
                "[print_schema]\nfilter = { only_tables = [\"(a\"] }",
                "print_schema.filter.only_tables: the expression `(a` cannot be read: unclosed group",
            ),
            ("[print_schema]\nfilter = { some = [] }", "print_schema.filter.some: expected only_tables"),
            ("[print_schema]\ncolumn_sorting = \"size\"", "expected \"ordinal_position\" or \"name\""),
            ("[print_schema", "diesel.toml:1: this is not TOML"),
        ];
        for (text, expected) in cases {
            let error = sections(text, "diesel.toml").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
