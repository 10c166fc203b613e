//! What a struct states as the SQL that somebody would have written for it, for one dialect: as it
//! is replayed, not as it is rendered into a revision.

use std::collections::{BTreeMap, BTreeSet};

use ops_migrate_grammar::{
    Action, Check, FieldSays, ForeignKey, Identity, Index, IndexKey, Options, Says, Target, Text, Timing, Unique,
};

use super::read::RawOwner;
use super::resolve::{Tables, Whole, WholeColumn};
use crate::catalog::{Deferrable, Name, Table};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::place::Place;

/// The statements, and where each part of the table is stated.
pub(super) struct Written {
    pub(super) sql: String,
    pub(super) places: Places,
    /// Where the texts behind the marks are stated, in the order of their numbers.
    marks: Vec<Place>,
}

/// How a mark begins; its number and the end of a comment follow.
const MARK: &str = "/*ops ";

/// Places in the order in which the statements make the parts.
#[derive(Debug, Default)]
pub(super) struct Places {
    indexes: Vec<(Place, bool)>,
    uniques: Vec<Place>,
    checks: Vec<Place>,
    excludes: Vec<Place>,
    foreign_keys: Vec<Place>,
}

impl Written {
    /// Where the text is stated that a place in the statements belongs to: the last mark before it.
    pub(super) fn stated_at(&self, at: &Place) -> Option<&Place> {
        let lines = self.sql.split_inclusive('\n').take((at.line as usize).checked_sub(1)?);
        let before: usize = lines.map(str::len).sum();
        let line = self.sql.get(before..)?.lines().next()?;
        let within = line.char_indices().nth(at.column as usize).map_or(line.len(), |(at, _)| at);
        let mark = self.sql.get(..before + within)?.rsplit_once(MARK)?.1;
        self.marks.get(mark.split_once('*')?.0.parse::<usize>().ok()?)
    }

    /// The places by the names that the parts have got.
    pub(super) fn places_of(&self, table: &Table, at: &Place) -> BTreeMap<String, Place> {
        fn add<'a>(
            names: impl Iterator<Item = Option<&'a String>>,
            places: &[Place],
            at: &Place,
            found: &mut BTreeMap<String, Place>,
        ) {
            let names: Vec<_> = names.collect();
            // The server makes more or fewer of them: nothing tells which is whose.
            let known = names.len() == places.len();
            for (number, name) in names.into_iter().enumerate() {
                let place = places.get(number).filter(|_| known).unwrap_or(at);
                found.extend(name.map(|name| (name.clone(), place.clone())));
            }
        }
        let mut found = BTreeMap::new();
        let places = &self.places;
        let indexes: Vec<Place> = places.indexes.iter().map(|(place, _)| place.clone()).collect();
        add(table.indexes.iter().map(|one| Some(&one.name)), &indexes, at, &mut found);
        add(table.uniques.iter().map(|one| one.name.as_ref()), &places.uniques, at, &mut found);
        add(table.checks.iter().map(|one| one.name.as_ref()), &places.checks, at, &mut found);
        add(table.excludes.iter().map(|one| one.name.as_ref()), &places.excludes, at, &mut found);
        add(table.foreign_keys.iter().map(|one| one.name.as_ref()), &places.foreign_keys, at, &mut found);
        found
    }

    /// The indexes that are made while others write.
    pub(super) fn concurrent(&self, table: &Table) -> BTreeSet<String> {
        let pairs = table.indexes.iter().zip(&self.places.indexes);
        pairs.filter(|(_, (_, concurrent))| *concurrent).map(|(index, _)| index.name.clone()).collect()
    }
}

struct Writer<'a> {
    whole: &'a Whole<'a>,
    tables: &'a Tables<'a>,
    dialect: Dialect,
    places: Places,
    /// What stands in the parentheses of CREATE TABLE.
    elements: Vec<String>,
    before: Vec<String>,
    after: Vec<String>,
    indexes: Vec<String>,
    /// `None` where no text is marked.
    marks: Option<Vec<Place>>,
}

/// Writes the statements of a table.
///
/// # Errors
/// Where a column is named that is not there.
pub(super) fn write(whole: &Whole<'_>, tables: &Tables<'_>, dialect: Dialect) -> Result<Written> {
    write_as(whole, tables, dialect, false)
}

/// The same with a mark before every text of the user, so that what is wrong with one can be told
/// at its place.
///
/// # Errors
/// As [`write()`].
pub(super) fn write_marked(whole: &Whole<'_>, tables: &Tables<'_>, dialect: Dialect) -> Result<Written> {
    write_as(whole, tables, dialect, true)
}

fn write_as(whole: &Whole<'_>, tables: &Tables<'_>, dialect: Dialect, marked: bool) -> Result<Written> {
    let mut writer = Writer {
        whole,
        tables,
        dialect,
        places: Places::default(),
        elements: Vec::new(),
        before: Vec::new(),
        after: Vec::new(),
        indexes: Vec::new(),
        marks: marked.then(Vec::new),
    };
    for column in &whole.columns {
        writer.column(column)?;
    }
    writer.key();
    for column in &whole.columns {
        writer.of_column(column)?;
    }
    let (mut options, mut words, mut comment) = (Vec::new(), "", None);
    for (of, says) in whole.says(dialect) {
        match says {
            Says::Unique(unique) => writer.unique(of, unique)?,
            Says::Index(index) => writer.index(of, index)?,
            Says::Check(check) => writer.check(of, check),
            Says::Exclude(exclude) => {
                let text = format!("{}EXCLUDE {}", writer.named(exclude.name.as_ref()), writer.text(of, &exclude.text));
                writer.elements.push(text);
                writer.places.excludes.push(of.place(exclude.text.span));
            }
            Says::ForeignKey(key) => writer.foreign_key(of, key)?,
            Says::Comment(text) => comment = Some(&text.value),
            Says::Options(Options::Unlogged) => words = "UNLOGGED ",
            Says::Options(option) => options.push(option_sql(option)),
            Says::PrimaryKey(_) | Says::RenamedFrom(_) | Says::History(_) => {}
        }
    }
    let name = whole.name.sql(dialect);
    if let Some(comment) = comment {
        match dialect {
            Dialect::Postgres => writer.after.push(format!("COMMENT ON TABLE {name} IS {}", dialect.literal(comment))),
            Dialect::Mysql => options.push(format!("COMMENT={}", dialect.literal(comment))),
            // SQLite has none.
            Dialect::Sqlite => {}
        }
    }
    let separator = if dialect == Dialect::Sqlite { ", " } else { " " };
    let table = format!("CREATE {words}TABLE {name} (\n{}\n) {}", writer.elements.join(",\n"), options.join(separator));
    let schema = whole.name.schema.as_ref().filter(|_| dialect == Dialect::Postgres);
    let schema = schema.map(|schema| format!("CREATE SCHEMA {}", dialect.quote(schema)));
    let statements = schema.into_iter().chain(writer.before).chain([table]).chain(writer.indexes).chain(writer.after);
    let sql = statements.map(|statement| statement.trim_end().to_owned() + ";\n").collect();
    Ok(Written { sql, places: writer.places, marks: writer.marks.unwrap_or_default() })
}

fn option_sql(option: &Options) -> String {
    match option {
        Options::Strict => "STRICT".to_owned(),
        Options::WithoutRowid => "WITHOUT ROWID".to_owned(),
        Options::Unlogged => String::new(),
        Options::PartitionBy(text) => format!("PARTITION BY {}", text.value),
        Options::Engine(text) => format!("ENGINE={}", text.value),
        Options::Charset(text) => format!("DEFAULT CHARSET={}", text.value),
        Options::Collate(text) => format!("COLLATE={}", text.value),
    }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    }
}

fn timing(timing: Timing) -> &'static str {
    match timing {
        Timing::AtOnce => Deferrable::No,
        Timing::Deferrable => Deferrable::InitiallyImmediate,
        Timing::InitiallyDeferred => Deferrable::InitiallyDeferred,
    }
    .sql()
}

impl Writer<'_> {
    /// A text of the user, behind its mark.
    fn text(&mut self, of: &RawOwner, text: &Text) -> String {
        format!("{}{}", self.mark(of, text), text.value)
    }

    fn mark(&mut self, of: &RawOwner, text: &Text) -> String {
        let Some(marks) = &mut self.marks else { return String::new() };
        marks.push(of.place(text.span));
        format!("{MARK}{}*/", marks.len() - 1)
    }

    fn quote(&self, name: &str) -> String {
        self.dialect.quote(name)
    }

    fn list(&self, names: &[String]) -> String {
        names.iter().map(|name| self.quote(name)).collect::<Vec<_>>().join(", ")
    }

    fn named(&self, name: Option<&Text>) -> String {
        name.map(|name| format!("CONSTRAINT {} ", self.quote(&name.value))).unwrap_or_default()
    }

    /// Whether a column is the key by itself.
    fn is_key(&self, column: &WholeColumn<'_>) -> bool {
        self.whole.key.columns == [column.model.name.clone()]
    }

    fn column(&mut self, column: &WholeColumn<'_>) -> Result<()> {
        let says = column.says(self.dialect);
        let sql_type = says.iter().find_map(|says| match says {
            FieldSays::SqlType(text) => Some(text.value.clone()),
            _ => None,
        });
        let mut ty = sql_type.or_else(|| column.ty.as_ref().map(|ty| ty.sql(self.dialect))).unwrap_or_default();
        let numbered = self.numbering(column, &says, &mut ty);
        let mut text = format!("  {} {ty}", self.quote(&column.model.name));
        for one in &says {
            let part = match one {
                FieldSays::Charset(charset) => format!(" CHARACTER SET {}", charset.value),
                FieldSays::Collate(collation) => format!(" COLLATE {}", self.collation(&collation.value)),
                _ => continue,
            };
            text.push_str(&part);
        }
        if !column.model.nullable {
            text.push_str(" NOT NULL");
        }
        text.push_str(&numbered);
        for one in &says {
            match one {
                FieldSays::Default(expr) => {
                    let mark = self.mark(column.of, expr);
                    text.push_str(&format!(" DEFAULT {mark}{}", self.default(&expr.value)));
                }
                FieldSays::Generated(generated) => {
                    let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
                    let expr = self.text(column.of, &generated.expr);
                    text.push_str(&format!(" GENERATED ALWAYS AS ({expr}) {kind}"));
                }
                FieldSays::OnUpdate(expr) if self.dialect == Dialect::Mysql => {
                    text.push_str(&format!(" ON UPDATE {}", self.text(column.of, expr)));
                }
                FieldSays::Comment(comment) => self.column_comment(column, &comment.value, &mut text),
                _ => {}
            }
        }
        self.elements.push(text);
        Ok(())
    }

    fn column_comment(&mut self, column: &WholeColumn<'_>, comment: &str, text: &mut String) {
        let literal = self.dialect.literal(comment);
        match self.dialect {
            Dialect::Postgres => {
                let (table, name) = (self.whole.name.sql(self.dialect), self.quote(&column.model.name));
                self.after.push(format!("COMMENT ON COLUMN {table}.{name} IS {literal}"));
            }
            Dialect::Mysql => text.push_str(&format!(" COMMENT {literal}")),
            Dialect::Sqlite => {}
        }
    }

    fn collation(&self, name: &str) -> String {
        if self.dialect == Dialect::Postgres { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
    }

    /// SQLite wants an expression in parentheses (sqlite.org/lang_createtable.html#dfltval).
    fn default(&self, expr: &str) -> String {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let is_text = expr.starts_with('\'') && !expr[1..].trim_end_matches('\'').contains('\'');
        if self.dialect != Dialect::Sqlite || expr.chars().all(is_plain) || is_text || expr.starts_with('(') {
            expr.to_owned()
        } else {
            format!("({expr})")
        }
    }

    /// How a column numbers its rows, as SQL behind its type; the type itself may say it.
    fn numbering(&mut self, column: &WholeColumn<'_>, says: &[&FieldSays], ty: &mut String) -> String {
        let identity = says.iter().find_map(|says| match says {
            FieldSays::Identity(identity) => Some(identity),
            _ => None,
        });
        let sequence = says.iter().find_map(|says| match says {
            FieldSays::Sequence(sequence) => Some(sequence),
            _ => None,
        });
        let is_integer = ["smallint", "integer", "bigint", "int"].contains(&ty.to_ascii_lowercase().as_str());
        let is_typed = says.iter().any(|says| matches!(says, FieldSays::SqlType(_)));
        if self.dialect == Dialect::Sqlite && self.is_key(column) && is_integer && !is_typed {
            // Exactly this type makes the column the row's number (sqlite.org/lang_createtable.html#rowid).
            "INTEGER".clone_into(ty);
        }
        if let Some(sequence) = sequence.filter(|_| self.dialect == Dialect::Postgres) {
            return self.sequence(column, sequence, ty);
        }
        let wanted = match identity {
            Some(identity) => !identity.off,
            None => self.numbers_itself(column, says) && is_integer && self.dialect != Dialect::Sqlite,
        };
        if !wanted {
            return String::new();
        }
        let none = Identity { off: false, always: false, options: String::new(), span: column.field.column.span };
        let identity = identity.unwrap_or(&none);
        match self.dialect {
            Dialect::Postgres => {
                let always = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
                let options =
                    if identity.options.is_empty() { String::new() } else { format!(" ({})", identity.options) };
                format!(" GENERATED {always} AS IDENTITY{options}")
            }
            Dialect::Mysql => " AUTO_INCREMENT".to_owned(),
            // Stands at the key itself.
            Dialect::Sqlite => " PRIMARY KEY AUTOINCREMENT".to_owned(),
        }
    }

    /// An integer key called `id` numbers itself, as a new table of a `table!` has it; one that is a
    /// parent's key does not.
    fn numbers_itself(&self, column: &WholeColumn<'_>, says: &[&FieldSays]) -> bool {
        let has_another = |says: &&FieldSays| {
            matches!(
                says,
                FieldSays::Default(_) | FieldSays::Generated(_) | FieldSays::References(_) | FieldSays::Sequence(_)
            )
        };
        self.is_key(column) && column.model.name == "id" && !says.iter().any(has_another)
    }

    fn sequence(
        &mut self,
        column: &WholeColumn<'_>,
        sequence: &ops_migrate_grammar::Sequence,
        ty: &mut String,
    ) -> String {
        let own = crate::dialect::object_name(&self.whole.name.name, Some(&column.model.name), "seq");
        let name = sequence.name.as_ref().map_or(&own, |name| &name.value);
        let name = self.whole.name.with_name(name.clone()).sql(self.dialect);
        let serial = match ty.as_str() {
            "integer" => "serial",
            "bigint" => "bigserial",
            "smallint" => "smallserial",
            _ => "",
        };
        if sequence.name.is_none() && !serial.is_empty() {
            if !sequence.options.is_empty() {
                self.after.push(format!("ALTER SEQUENCE {name} {}", sequence.options));
            }
            serial.clone_into(ty);
            return String::new();
        }
        let (table, own) = (self.whole.name.sql(self.dialect), self.quote(&column.model.name));
        self.before.push(format!("CREATE SEQUENCE {name} {}", sequence.options));
        self.after.push(format!("ALTER SEQUENCE {name} OWNED BY {table}.{own}"));
        format!(" DEFAULT nextval({})", self.dialect.literal(&name))
    }

    fn key(&mut self) {
        let key = &self.whole.key;
        let at_column =
            self.dialect == Dialect::Sqlite && self.elements.iter().any(|one| one.contains("AUTOINCREMENT"));
        if key.columns.is_empty() || at_column {
            return;
        }
        let name = key.name.as_ref().map(|name| format!("CONSTRAINT {} ", self.quote(name))).unwrap_or_default();
        let text = format!("  {name}PRIMARY KEY ({})", self.list(&key.columns));
        self.elements.push(text);
    }

    /// What is said at a column and stands in the table.
    fn of_column(&mut self, column: &WholeColumn<'_>) -> Result<()> {
        for says in column.says(self.dialect) {
            match says {
                FieldSays::Unique(unique) => self.unique(column.of, unique)?,
                FieldSays::Index(index) => self.index(column.of, index)?,
                FieldSays::Check(check) => self.check(column.of, check),
                FieldSays::References(key) => {
                    let key = ForeignKey {
                        columns: vec![column.field.column.clone()],
                        target: key.target.clone(),
                        on_delete: key.on_delete,
                        on_update: key.on_update,
                        timing: key.timing,
                        name: key.name.clone(),
                        span: key.target.table.span,
                    };
                    self.foreign_key(column.of, &key)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn unique(&mut self, of: &RawOwner, unique: &Unique) -> Result<()> {
        let columns = self.whole.sql_names(of, &unique.columns)?;
        let nulls = if unique.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
        let text = format!(
            "  {}UNIQUE{nulls} ({}){}",
            self.named(unique.name.as_ref()),
            self.list(&columns),
            timing(unique.timing)
        );
        self.elements.push(text);
        self.places.uniques.push(of.place(unique.span));
        Ok(())
    }

    fn check(&mut self, of: &RawOwner, check: &Check) {
        let expr = self.text(of, &check.expr);
        let text = format!("  {}CHECK ({expr})", self.named(check.name.as_ref()));
        self.elements.push(text);
        self.places.checks.push(of.place(check.expr.span));
    }

    fn foreign_key(&mut self, of: &RawOwner, key: &ForeignKey) -> Result<()> {
        let columns = self.whole.sql_names(of, &key.columns)?;
        let (table, referenced) = self.target(of, &key.target)?;
        let referenced = if referenced.is_empty() { String::new() } else { format!(" ({})", self.list(&referenced)) };
        let on = |word: &str, what: Option<(Action, ops_migrate_grammar::At)>| {
            what.map(|(what, _)| format!(" ON {word} {}", action(what))).unwrap_or_default()
        };
        let text = format!(
            "  {}FOREIGN KEY ({}) REFERENCES {}{referenced}{}{}{}",
            self.named(key.name.as_ref()),
            self.list(&columns),
            table.sql(self.dialect),
            on("DELETE", key.on_delete),
            on("UPDATE", key.on_update),
            timing(key.timing)
        );
        self.elements.push(text);
        self.places.foreign_keys.push(of.place(key.span));
        Ok(())
    }

    fn target(&self, of: &RawOwner, target: &Target) -> Result<(Name, Vec<String>)> {
        self.tables.target(of, target)
    }

    fn index(&mut self, of: &RawOwner, index: &Index) -> Result<()> {
        let mut parts = Vec::new();
        let mut words = Vec::new();
        for part in &index.parts {
            let mut text = match &part.key {
                IndexKey::Column(column) => {
                    let name = self.whole.sql_name(of, column)?;
                    let text = self.quote(&name);
                    words.push(name);
                    text
                }
                IndexKey::Expr(expr) => {
                    words.push("expr".to_owned());
                    format!("({})", self.text(of, expr))
                }
            };
            if let Some(prefix) = part.prefix.filter(|_| self.dialect == Dialect::Mysql) {
                text.push_str(&format!("({prefix})"));
            }
            if let Some(collation) = &part.collate {
                text.push_str(&format!(" COLLATE {}", self.collation(&collation.value)));
            }
            if let Some(class) = part.class.as_ref().filter(|_| self.dialect == Dialect::Postgres) {
                text.push_str(&format!(" {}", class.value));
            }
            if part.descending {
                text.push_str(" DESC");
            }
            if let Some(first) = part.nulls_first {
                text.push_str(if first { " NULLS FIRST" } else { " NULLS LAST" });
            }
            parts.push(text);
        }
        let included = self.whole.sql_names(of, &index.include)?;
        words.extend(included.iter().cloned());
        let name = match &index.name {
            Some(name) => name.value.clone(),
            None => crate::dialect::object_name(&self.whole.name.name, Some(&words.join("_")), "idx"),
        };
        let text = self.index_sql(of, index, &name, &parts, &included);
        self.indexes.push(text);
        self.places.indexes.push((of.place(index.span), index.concurrent));
        Ok(())
    }

    fn index_sql(&mut self, of: &RawOwner, index: &Index, name: &str, parts: &[String], included: &[String]) -> String {
        let method = index.method.as_ref().map(|method| method.value.to_ascii_lowercase());
        // MySQL has them as a kind of index, not as a way to build one.
        let kind = match (self.dialect, method.as_deref()) {
            (_, _) if index.unique => "UNIQUE ",
            (Dialect::Mysql, Some("fulltext")) => "FULLTEXT ",
            (Dialect::Mysql, Some("spatial")) => "SPATIAL ",
            _ => "",
        };
        let using = match (self.dialect, &method) {
            (Dialect::Postgres, Some(method)) => format!(" USING {method}"),
            _ => String::new(),
        };
        let table = self.whole.name.sql(self.dialect);
        let mut text = format!("CREATE {kind}INDEX {} ON {table}{using} ({})", self.quote(name), parts.join(", "));
        if !included.is_empty() {
            text.push_str(&format!(" INCLUDE ({})", self.list(included)));
        }
        if index.nulls_not_distinct {
            text.push_str(" NULLS NOT DISTINCT");
        }
        if let Some(with) = &index.with {
            text.push_str(&format!(" WITH ({})", self.text(of, with)));
        }
        if let Some(predicate) = &index.predicate {
            text.push_str(&format!(" WHERE {}", self.text(of, predicate)));
        }
        text
    }
}
