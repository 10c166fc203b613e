//! What differs between two catalogs, in words for people: each object is put into one line, and
//! lines are compared. Order of columns, letter case and white space outside of quotes never count.
//! A replayed catalog has the texts of files, an introspected one those of the server: [`drift`]
//! compares what both can tell.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    AutoValue, Catalog, Check, Column, Deferrable, Domain, Exclude, Expr, ForeignKey, Index, IndexKey, IndexPart, Name,
    Table, Unique, View, mysql,
};
use crate::dialect::Dialect;
use crate::sql::{self, postgres};

/// What is not in `b` as it was in `a`, object by object; empty where both are the same.
///
/// Parts of a table that is missing or left over as a whole are not listed.
pub fn difference(a: &Catalog, b: &Catalog) -> Vec<String> {
    compare(a, b, facts(a), facts(b))
}

/// What a database (`actual`) has otherwise than the files say (`expected`, replayed). Left out is
/// what the replay is not sure about; of views, functions and triggers on PostgreSQL and MySQL,
/// whose texts the server writes anew, only what survives that is compared; and of engines and
/// character sets on MySQL, those that the files name.
pub fn drift(expected: &Catalog, actual: &Catalog) -> Vec<String> {
    let actual = as_declared(expected, actual);
    let (was, is) = comparable(expected, &actual);
    compare(expected, &actual, was, is)
}

/// How far what a database has is what the files say, object by object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Objects (a table, a column, a key, an index and so on) that both have alike.
    pub equal: usize,
    /// The lines of [`drift`].
    pub different: Vec<String>,
    /// Objects that the replay is not sure about, and that the other does not have alike.
    pub uncertain: usize,
}

/// [`drift`] with its counts.
pub fn agreement(expected: &Catalog, actual: &Catalog) -> Agreement {
    let actual = as_declared(expected, actual);
    let told = |catalog| {
        let mut facts = told(expected, facts(catalog));
        // A doubt itself is nobody's object.
        facts.retain(|_, fact| fact.owner.is_some());
        facts
    };
    let (was, is) = (told(expected), told(&actual));
    let alike =
        |object: &&String| was.get(*object).zip(is.get(*object)).is_some_and(|(was, is)| was.compared == is.compared);
    let equal = was.keys().filter(alike).count();
    let doubtful: BTreeSet<&String> =
        was.iter().chain(&is).filter(|(_, fact)| !is_sure(expected, fact)).map(|(object, _)| object).collect();
    let uncertain = doubtful.into_iter().filter(|object| !alike(object)).count();
    Agreement { equal, uncertain, different: compare(expected, &actual, sure(expected, was), sure(expected, is)) }
}

pub(super) fn as_declared<'c>(expected: &Catalog, actual: &'c Catalog) -> Cow<'c, Catalog> {
    match expected.dialect {
        Dialect::Mysql => Cow::Owned(mysql::as_declared(expected, actual)),
        Dialect::Postgres | Dialect::Sqlite => Cow::Borrowed(actual),
    }
}

/// The facts in the form in which a replay's can be compared with a server's.
fn told(expected: &Catalog, mut facts: Facts) -> Facts {
    match expected.dialect {
        Dialect::Postgres => facts.values_mut().for_each(Fact::loosen),
        // Defaults are in the server's own spelling on both sides.
        Dialect::Mysql => facts.values_mut().filter(|fact| fact.shown.is_none()).for_each(Fact::loosen),
        Dialect::Sqlite => {}
    }
    facts
}

/// The facts that a replay is sure about.
fn sure(expected: &Catalog, mut facts: Facts) -> Facts {
    facts.retain(|_, fact| is_sure(expected, fact));
    facts
}

fn is_sure(expected: &Catalog, fact: &Fact) -> bool {
    fact.owner.as_ref().is_some_and(|name| expected.doubt(name).is_none())
}

/// The facts of both that [`drift`] compares; `actual` is [`as_declared`].
pub(super) fn comparable(expected: &Catalog, actual: &Catalog) -> (Facts, Facts) {
    let sure = |catalog| sure(expected, told(expected, facts(catalog)));
    (sure(expected), sure(actual))
}

fn compare(a: &Catalog, b: &Catalog, was: Facts, is: Facts) -> Vec<String> {
    let whole = |fact: &Fact| {
        let table = fact.owner.as_ref().filter(|_| fact.is_part);
        table.is_none_or(|name| a.table(name).is_some() == b.table(name).is_some())
    };
    let mut lines = Vec::new();
    for (object, fact) in was.iter().filter(|(_, fact)| whole(fact)) {
        match is.get(object) {
            None => lines.push(format!("{object} is missing")),
            Some(other) if other.compared != fact.compared => lines.push(match (&fact.shown, &other.shown) {
                (Some(was), Some(is)) => format!("{object} is `{is}` and was `{was}`"),
                _ => format!("{object} has another text than before"),
            }),
            Some(_) => {}
        }
    }
    let left = is.iter().filter(|(object, fact)| whole(fact) && !was.contains_key(*object));
    lines.extend(left.map(|(object, _)| format!("{object} is left over")));
    lines
}

/// One line for each object, sorted; for tests and messages.
pub fn lines(catalog: &Catalog) -> Vec<String> {
    facts(catalog)
        .into_iter()
        .map(|(object, fact)| format!("{object}: {}", fact.shown.unwrap_or(fact.compared)))
        .collect()
}

pub(super) struct Fact {
    /// The object that it is about, or whose part that is; `None` for what has no doubts.
    owner: Option<Name>,
    is_part: bool,
    /// The form that is compared.
    compared: String,
    /// The form for people; `None` where it is too long to show.
    shown: Option<String>,
    /// The form that is compared where one side was written by the server.
    loose: Option<String>,
}

impl Fact {
    /// Whether both say the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.compared == other.compared
    }

    fn of(owner: &Name, text: String) -> Self {
        Self { owner: Some(owner.clone()), is_part: false, compared: text.clone(), shown: Some(text), loose: None }
    }

    /// A part of a table, by its text with expressions in one of both spellings.
    fn part(owner: &Name, text: impl Fn(Spelling) -> String) -> Self {
        Self { is_part: true, compared: text(Expr::normal), ..Self::of(owner, text(|e| e.sql.clone())) }
    }

    /// A whole statement, compared like an expression: the engine may quote names and fold spaces.
    fn long(owner: &Name, sql: &str, loose: String) -> Self {
        Self { shown: None, loose: Some(loose), ..Self::of(owner, Expr::new(sql).normal()) }
    }

    fn loosen(&mut self) {
        if let Some(loose) = self.loose.take() {
            self.compared = loose;
        }
    }
}

/// How an expression is spelled: in its normal form, or as it is.
type Spelling = fn(&Expr) -> String;

pub(super) type Facts = BTreeMap<String, Fact>;

fn facts(catalog: &Catalog) -> Facts {
    let mut facts = Facts::new();
    for schema in &catalog.schemas {
        facts.insert(format!("schema {schema}"), Fact::of(&Name::new(schema.clone()), String::new()));
    }
    for extension in &catalog.extensions {
        facts.insert(format!("extension {extension}"), Fact::of(&Name::new(extension.clone()), String::new()));
    }
    for ty in catalog.enums.values() {
        let text = format!("{}{}", ty.values.join(", "), comment(ty.comment.as_deref()));
        facts.insert(format!("enum {}", ty.name), Fact::of(&ty.name, text));
    }
    for domain in catalog.domains.values() {
        let fact = Fact { is_part: false, ..Fact::part(&domain.name, |spell| domain_text(domain, spell)) };
        facts.insert(format!("domain {}", domain.name), fact);
    }
    for sequence in catalog.sequences.values() {
        let owner = sequence.owned_by.as_ref().map(|(table, column)| format!(" owned by {table}.{column}"));
        let text = format!("{}{}", sequence.options, owner.unwrap_or_default());
        let of = sequence.owned_by.as_ref().map_or(&sequence.name, |(table, _)| table);
        facts.insert(format!("sequence {}", sequence.name), Fact::of(of, text.trim().to_owned()));
    }
    catalog.tables.values().for_each(|table| table_facts(&mut facts, table, catalog.dialect));
    catalog.views.values().for_each(|view| view_facts(&mut facts, view));
    for function in catalog.functions.values() {
        let body = match catalog.dialect {
            Dialect::Mysql => sql::mysql::folded(sql::mysql::body(&function.sql)),
            Dialect::Postgres | Dialect::Sqlite => postgres::body(&function.sql).unwrap_or_default(),
        };
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        facts.insert(format!("function {}", function.name), Fact::long(&function.name, &function.sql, body));
    }
    for comment in &catalog.comments {
        let fact = Fact::of(&comment.on.owner(), format!("'{}'", comment.text));
        facts.insert(format!("comment on {}", comment.on), fact);
    }
    for doubt in &catalog.uncertain {
        let objects: Vec<String> = doubt.objects.iter().map(ToString::to_string).collect();
        let fact = Fact { owner: None, ..Fact::of(&Name::new(""), doubt.reason.clone()) };
        facts.insert(format!("what could not be read about {}", objects.join(", ")), fact);
    }
    facts
}

fn table_facts(facts: &mut Facts, table: &Table, dialect: Dialect) {
    let name = &table.name;
    // As JSON: a closed set of small options, seldom any.
    let options = serde_json::to_value(&table.options).unwrap_or_default();
    let set: Vec<String> = options
        .as_object()
        .into_iter()
        .flatten()
        // The server spells the bounds of a partition by the type of its key.
        .filter(|(key, value)| {
            !value.is_null() && **value != serde_json::Value::Bool(false) && *key != "partition_bounds"
        })
        .map(|(key, value)| format!("{key} {value}"))
        .collect();
    let text = format!("{}{}", set.join(", "), comment(table.comment.as_deref()));
    facts.insert(format!("table {name}"), Fact::of(name, text));
    for column in &table.columns {
        let fact = Fact::part(name, |spell| column_text(column, spell));
        let loose = Some(column_text(&loose_default(column), Expr::normal));
        facts.insert(format!("column {name}.{}", column.name), Fact { loose, ..fact });
    }
    let mut part = |object: String, text: &dyn Fn(Spelling) -> String| {
        facts.insert(object, Fact::part(name, text));
    };
    if let Some(key) = &table.primary_key {
        part(format!("primary key of {name}"), &|_| named(key.name.as_deref(), &key.columns.join(", ")));
    }
    for unique in &table.uniques {
        let columns = unique.columns.join(", ");
        let nulls = if unique.nulls_not_distinct { " nulls not distinct" } else { "" };
        let text = format!("({columns}){nulls}{}", unique.deferrable.sql());
        part(unique_object(unique, name), &|_| text.clone());
    }
    for key in &table.foreign_keys {
        part(key_object(key, name), &|_| key_text(key));
    }
    for check in &table.checks {
        part(check_object(check, name), &|spell| check_text(check, spell));
    }
    for exclude in &table.excludes {
        part(exclude_object(exclude, name), &|spell| exclude_text(exclude, spell));
    }
    for index in &table.indexes {
        part(format!("index {} of {name}", index.name), &|spell| index_text(index, spell));
    }
    for policy in &table.policies {
        part(format!("policy {} of {name}", policy.name), &|spell| {
            let exprs: Vec<String> = [&policy.using, &policy.check]
                .into_iter()
                .map(|expr| expr.as_ref().map_or_else(|| "-".to_owned(), spell))
                .collect();
            let kind = if policy.permissive { "permissive" } else { "restrictive" };
            format!("{kind} {} to {}: {}", policy.command, policy.roles.join(", "), exprs.join(" check "))
        });
    }
    for trigger in &table.triggers {
        let loose = match dialect {
            Dialect::Mysql => sql::mysql::folded(&trigger.sql),
            Dialect::Postgres | Dialect::Sqlite => postgres::trigger(&trigger.sql),
        };
        let fact = Fact { is_part: true, ..Fact::long(name, &trigger.sql, loose) };
        facts.insert(format!("trigger {} of {name}", trigger.name), fact);
    }
}

/// A literal that is no text, number or truth value is spelled anew by the server (`'epoch'`,
/// `'{"a":1}'`): only that there is one can be compared.
fn loose_default(column: &Column) -> Column {
    const EXACT: [&str; 9] =
        ["text", "character varying", "character", "citext", "boolean", "integer", "bigint", "smallint", "numeric"];
    let mut column = column.clone();
    let is_literal = |expr: &Expr| expr.normal().starts_with('\'') && expr.normal().ends_with('\'');
    // Names of user types are enums mostly, whose values stay as they are.
    let spelled = column.ty.is_builtin();
    if spelled && (column.ty.array > 0 || !EXACT.contains(&column.ty.base.as_str())) {
        column.default = column.default.map(|default| if is_literal(&default) { Expr::new("''") } else { default });
    }
    column
}

fn view_facts(facts: &mut Facts, view: &View) {
    let comment = comment(view.comment.as_deref());
    let loose = format!("{}{comment}", view.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    facts.insert(view_object(view), Fact::long(&view.name, &format!("{}{comment}", view.sql), loose));
    for index in &view.indexes {
        let fact = Fact { is_part: false, ..Fact::part(&view.name, |spell| index_text(index, spell)) };
        facts.insert(format!("index {} of {}", index.name, view.name), fact);
    }
}

pub(super) fn unique_object(unique: &Unique, table: &Name) -> String {
    object("unique constraint", unique.name.as_deref(), &unique.columns.join(", "), table)
}

pub(super) fn key_object(key: &ForeignKey, table: &Name) -> String {
    object("foreign key", key.name.as_deref(), &key.columns.join(", "), table)
}

pub(super) fn check_object(check: &Check, table: &Name) -> String {
    object("check", check.name.as_deref(), &check.expr.normal(), table)
}

pub(super) fn exclude_object(exclude: &Exclude, table: &Name) -> String {
    object("exclusion constraint", exclude.name.as_deref(), &exclude.text.normal(), table)
}

pub(super) fn view_object(view: &View) -> String {
    let kind = if view.materialized { "materialized view" } else { "view" };
    format!("{kind} {}", view.name)
}

/// A part of a table, by its name, or by what it says where it has none.
fn object(kind: &str, name: Option<&str>, text: &str, table: &Name) -> String {
    match name {
        Some(name) => format!("{kind} {name} of {table}"),
        None => format!("{kind} ({text}) of {table}"),
    }
}

fn named(name: Option<&str>, columns: &str) -> String {
    name.map_or_else(|| format!("({columns})"), |name| format!("({columns}) named {name}"))
}

fn comment(comment: Option<&str>) -> String {
    comment.map(|text| format!(" comment '{text}'")).unwrap_or_default()
}

fn column_text(column: &Column, spell: Spelling) -> String {
    let mut text = column.ty.to_string();
    if !column.nullable {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text = format!("{text} DEFAULT {}", spell(default));
    }
    match &column.auto {
        Some(AutoValue::Serial { sequence }) => text = format!("{text} from sequence {sequence}"),
        Some(AutoValue::Identity { always, options }) => {
            let when = if *always { "ALWAYS" } else { "BY DEFAULT" };
            text = format!("{text} GENERATED {when} AS IDENTITY {options}").trim_end().to_owned();
        }
        Some(AutoValue::Increment) => text.push_str(" AUTOINCREMENT"),
        None => {}
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        text = format!("{text} GENERATED AS ({}) {kind}", spell(&generated.expr));
    }
    if let Some(collation) = &column.collation {
        text = format!("{text} COLLATE {collation}");
    }
    if let Some(update) = &column.on_update {
        text = format!("{text} ON UPDATE {}", spell(update));
    }
    if let Some(check) = &column.check {
        text = format!("{text} CHECK ({})", spell(check));
    }
    text + &comment(column.comment.as_deref())
}

fn domain_text(domain: &Domain, spell: Spelling) -> String {
    let null = if domain.not_null { " NOT NULL" } else { "" };
    let default = domain.default.as_ref().map(|d| format!(" DEFAULT {}", spell(d))).unwrap_or_default();
    let mut checks: Vec<String> =
        domain.checks.iter().map(|check| format!(" CHECK ({})", check_text(check, spell))).collect();
    checks.sort();
    format!("{}{null}{default}{}", domain.base, checks.concat())
}

fn check_text(check: &Check, spell: Spelling) -> String {
    let text = spell(&check.expr);
    if check.valid { text } else { format!("{text} NOT VALID") }
}

fn key_text(key: &ForeignKey) -> String {
    let target = if key.ref_columns.is_empty() { String::new() } else { format!(" ({})", key.ref_columns.join(", ")) };
    let valid = if key.valid { "" } else { " NOT VALID" };
    let deferrable = if key.deferrable == Deferrable::No { "" } else { key.deferrable.sql() };
    format!(
        "({}) to {}{target} ON DELETE {} ON UPDATE {}{deferrable}{valid}",
        key.columns.join(", "),
        key.references,
        key.on_delete.sql(),
        key.on_update.sql()
    )
}

/// What stands behind WHERE is an expression of its own.
fn exclude_text(exclude: &Exclude, spell: Spelling) -> String {
    let (head, condition) = exclude.halves();
    let condition = condition.map(|condition| format!(" WHERE {}", spell(&condition)));
    spell(&head) + &condition.unwrap_or_default()
}

fn index_text(index: &Index, spell: Spelling) -> String {
    let unique = if index.unique { "unique " } else { "" };
    let method = index.method.as_ref().map(|m| format!("using {m} ")).unwrap_or_default();
    let parts: Vec<String> = index.parts.iter().map(|part| index_part(part, spell)).collect();
    let invalid = if index.invalid { "INVALID " } else { "" };
    let mut text = format!("{invalid}{unique}{method}({})", parts.join(", "));
    if !index.include.is_empty() {
        text = format!("{text} INCLUDE ({})", index.include.join(", "));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(with) = &index.with {
        text = format!("{text} WITH ({with})");
    }
    if let Some(predicate) = &index.predicate {
        text = format!("{text} WHERE {}", spell(predicate));
    }
    text
}

fn index_part(part: &IndexPart, spell: Spelling) -> String {
    let mut text = match &part.key {
        IndexKey::Column(name) => name.clone(),
        IndexKey::Expr(expr) => spell(expr),
    };
    if let Some(prefix) = part.prefix {
        text = format!("{text}({prefix})");
    }
    for more in [&part.collation, &part.operator_class].into_iter().flatten() {
        text = format!("{text} {more}");
    }
    if part.descending {
        text.push_str(" DESC");
    }
    match part.nulls_first {
        Some(true) => text + " NULLS FIRST",
        Some(false) => text + " NULLS LAST",
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{agreement, difference};
    use crate::catalog::{Catalog, Column, Index, Name, SqlType, Table, Trigger, Uncertain};
    use crate::dialect::Dialect;
    use crate::place::Place;

    fn users() -> Table {
        let mut table = Table::new(Name::new("users"));
        table.columns =
            ["id", "email"].map(|name| Column::new(name, SqlType::new("text", Dialect::Postgres)).into()).into();
        table.indexes.push(Index::new("users_email_idx", ["email"]));
        let sql = "CREATE TRIGGER t\n  AFTER INSERT ON users BEGIN SELECT 1; END".to_owned();
        table.triggers.push(Trigger { name: "t".to_owned(), sql, function: None });
        table
    }

    fn check(change: impl FnOnce(&mut Table), expected: &[&str]) {
        let catalog = |table: Table| {
            let mut catalog = Catalog::empty(Dialect::Postgres);
            catalog.tables.insert(table.name.clone(), table.into());
            catalog
        };
        let mut changed = users();
        change(&mut changed);
        assert_eq!(difference(&catalog(users()), &catalog(changed)), expected);
    }

    #[test]
    fn differences_are_told_object_by_object() {
        check(|_| {}, &[]);
        check(|t| t.columns.reverse(), &[]);
        check(|t| t.triggers[0].sql = "create trigger t after insert on \"users\" begin select 1; end".to_owned(), &[]);
        check(|t| t.indexes.clear(), &["index users_email_idx of users is missing"]);
        check(|t| t.triggers[0].sql.push('x'), &["trigger t of users has another text than before"]);
        check(|t| t.columns[1].nullable = false, &["column users.email is `text NOT NULL` and was `text`"]);
        let nick = Column::new("nick", SqlType::new("text", Dialect::Postgres));
        check(|t| t.columns.push(nick.into()), &["column users.nick is left over"]);
        check(|t| t.name = Name::new("people"), &["table users is missing", "table people is left over"]);
    }

    #[test]
    fn agreement_counts_each_object_once() {
        let catalog = |tables: &[&str]| {
            let mut catalog = Catalog::empty(Dialect::Postgres);
            for name in tables {
                catalog.tables.insert(Name::new(*name), Table { name: Name::new(*name), ..users() }.into());
            }
            catalog
        };
        let count = |expected: &Catalog, actual: &Catalog| {
            let found = agreement(expected, actual);
            (found.equal, found.different.len(), found.uncertain)
        };
        // A table, two columns, an index and a trigger.
        assert_eq!(count(&catalog(&["a", "b"]), &catalog(&["a", "b"])), (10, 0, 0));
        let mut other = catalog(&["a", "b"]);
        other.tables.get_mut(&Name::new("a")).unwrap().columns[1].nullable = false;
        assert_eq!(count(&catalog(&["a", "b"]), &other), (9, 1, 0));
        let mut doubtful = catalog(&["a", "b"]);
        let objects = [Name::new("a")].into();
        doubtful.uncertain.push(Uncertain {
            objects,
            words: [].into(),
            reason: "a DO block".to_owned(),
            at: Place::file("up.sql"),
        });
        // What is there as it should be is told, whatever the doubts.
        assert_eq!(count(&doubtful, &other), (9, 0, 1));
        assert_eq!(count(&doubtful, &catalog(&["b"])), (5, 0, 5));
    }
}
