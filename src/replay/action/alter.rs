//! ALTER, clause by clause.

use super::read::one;
use super::{
    Action, Clause, ConstraintKind, Cursor, Dropped, Generation, Lexicon, NewColumn, NewConstraint, NewIndex, folded,
};
use crate::catalog::Name;

pub(super) fn alter<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    cx.eat_any(&["foreign", "online", "ignore"]);
    let materialized = cx.eat("materialized");
    let Some(kind) = cx.next() else { return Vec::new() };
    let kind = kind.text.to_ascii_lowercase();
    match kind.as_str() {
        "table" => table(cx),
        "index" => index(cx),
        "type" => alter_type(cx),
        "domain" => domain(cx),
        "default" => one(Action::AlterObject { kind: "default privileges".to_owned(), name: Name::new("") }),
        "system" => one(Action::AlterObject { kind, name: Name::new("") }),
        _ => {
            let kind = if materialized { format!("materialized {kind}") } else { kind };
            object(cx, kind)
        }
    }
}

fn object<L: Lexicon>(mut cx: Cursor<'_, L>, kind: String) -> Vec<Action> {
    cx.if_exists();
    let Some(name) = cx.name() else { return Vec::new() };
    cx.group();
    if cx.eat_all(&["rename", "to"]) {
        return cx.ident().map(|to| Action::RenameObject { kind, name, to }).into_iter().collect();
    }
    one(Action::AlterObject { kind, name })
}

fn index<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    cx.if_exists();
    let Some(index) = cx.name() else { return Vec::new() };
    if cx.eat_all(&["rename", "to"]) {
        return cx.ident().map(|to| Action::RenameIndex { index, to }).into_iter().collect();
    }
    one(Action::AlterIndex { index, what: folded(&cx) })
}

fn alter_type<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    let Some(name) = cx.name() else { return Vec::new() };
    let text = |cx: &mut Cursor<'_, L>| cx.next().and_then(|token| L::value(&token));
    if cx.eat_all(&["add", "value"]) {
        let tolerant = cx.if_not_exists();
        return text(&mut cx).map(|value| Action::AddEnumValue { name, value, tolerant }).into_iter().collect();
    }
    if cx.eat_all(&["rename", "value"]) {
        let from = text(&mut cx);
        cx.eat("to");
        return match (from, text(&mut cx)) {
            (Some(value), Some(to)) => one(Action::RenameEnumValue { name, value, to }),
            _ => Vec::new(),
        };
    }
    if cx.eat_all(&["rename", "to"]) {
        let kind = "type".to_owned();
        return cx.ident().map(|to| Action::RenameObject { kind, name, to }).into_iter().collect();
    }
    one(Action::AlterObject { kind: "type".to_owned(), name })
}

fn domain<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    let Some(name) = cx.name() else { return Vec::new() };
    if cx.eat_all(&["rename", "to"]) {
        let kind = "domain".to_owned();
        return cx.ident().map(|to| Action::RenameObject { kind, name, to }).into_iter().collect();
    }
    let not_null = cx.eat_all(&["set", "not", "null"]);
    let not_valid = cx.has("valid") && cx.has("not");
    let constraint = if cx.eat("add") {
        Some(if cx.eat("constraint") { cx.ident().unwrap_or_default() } else { String::new() })
    } else {
        None
    };
    one(Action::AlterDomain { name, constraint, not_valid, not_null })
}

fn table<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    let mut found: Vec<Action> = parts(&mut cx).into_iter().flat_map(|(table, part)| clause(&table, part)).collect();
    // Clauses beside a rename of the table speak of its old name.
    found.sort_by_key(|action| matches!(action, Action::RenameTable { .. }));
    found
}

/// The clauses of an ALTER TABLE, with their places; none of any other statement.
pub(super) fn clauses<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Clause> {
    if !cx.eat_all(&["alter", "table"]) {
        return Vec::new();
    }
    let places = |(table, part): (Name, Cursor<'_, L>)| {
        let (first, last) = (part.remaining().first()?, part.remaining().last()?);
        let range = first.offset..last.end();
        Some(Clause { range, actions: clause(&table, part) })
    };
    parts(&mut cx).into_iter().filter_map(places).collect()
}

/// What stands between the commas of an ALTER TABLE behind the table's name.
fn parts<'a, L: Lexicon>(cx: &mut Cursor<'a, L>) -> Vec<(Name, Cursor<'a, L>)> {
    if cx.eat_all(&["all", "in", "tablespace"]) {
        return Vec::new();
    }
    cx.if_exists();
    cx.eat("only");
    let Some(table) = cx.name() else { return Vec::new() };
    cx.eat("*");
    cx.parts().into_iter().map(|part| (table.clone(), part)).collect()
}

fn clause<L: Lexicon>(table: &Name, mut cx: Cursor<'_, L>) -> Vec<Action> {
    if cx.is_at(1, "=") || cx.is("algorithm") || cx.is("lock") {
        return online_option(table, cx);
    }
    if cx.eat("add") {
        return add(table, cx);
    }
    let table = table.clone();
    let what = folded(&cx);
    if cx.eat("drop") {
        return drop(table, cx);
    }
    if cx.eat("alter") {
        return alter_column(table, cx).into_iter().collect();
    }
    if cx.eat("rename") {
        return rename(table, cx).into_iter().collect();
    }
    if cx.eat_any(&["modify", "change"]) {
        let renames = what.starts_with("change");
        cx.eat("column");
        cx.if_exists();
        let Some(column) = cx.ident() else { return Vec::new() };
        let to = if renames { cx.ident().unwrap_or_default() } else { column.clone() };
        return one(Action::DefineColumn { table, column, to });
    }
    if cx.eat_all(&["validate", "constraint"]) {
        return cx.ident().map(|constraint| Action::ValidateConstraint { table, constraint }).into_iter().collect();
    }
    one(other_clause(table, cx, what))
}

/// MySQL: `ALGORITHM = INPLACE`, `ENGINE = InnoDB`.
fn online_option<L: Lexicon>(table: &Name, mut cx: Cursor<'_, L>) -> Vec<Action> {
    let what = folded(&cx);
    let Some(option) = cx.ident() else { return Vec::new() };
    cx.eat("=");
    let (table, option) = (table.clone(), option.to_ascii_lowercase());
    match option.as_str() {
        "algorithm" | "lock" => {
            one(Action::OnlineOption { table, option, value: cx.ident().unwrap_or_default().to_ascii_lowercase() })
        }
        _ => one(Action::TableOption { table, what }),
    }
}

fn other_clause<L: Lexicon>(table: Name, mut cx: Cursor<'_, L>, what: String) -> Action {
    if cx.eat_all(&["attach", "partition"]) {
        if let Some(partition) = cx.name() {
            return Action::AttachPartition { table, partition };
        }
    } else if cx.eat_all(&["detach", "partition"]) {
        if let Some(partition) = cx.name() {
            return Action::DetachPartition { table, partition, concurrently: cx.eat("concurrently") };
        }
    } else if cx.eat_all(&["set", "logged"]) || cx.eat_all(&["set", "unlogged"]) {
        return Action::SetLogged { table, logged: what == "set logged" };
    } else if cx.eat_all(&["set", "schema"]) {
        if let Some(schema) = cx.ident() {
            let to = Name::qualified(schema, table.name.clone());
            return Action::RenameTable { table, to };
        }
    } else if ["set tablespace", "set access method", "set without oids"].iter().any(|head| what.starts_with(head)) {
        return Action::MoveTable { table, what };
    } else if cx.is("enable") || cx.is("disable") {
        let enable = cx.eat("enable");
        if !enable {
            cx.eat("disable");
        }
        cx.eat_any(&["replica", "always"]);
        if cx.is("trigger") || cx.is("rule") {
            return Action::SwitchTrigger { table, enable };
        }
    }
    Action::TableOption { table, what }
}

fn rename<L: Lexicon>(table: Name, mut cx: Cursor<'_, L>) -> Option<Action> {
    if cx.eat("constraint") {
        let constraint = cx.ident()?;
        let to = cx.eat("to").then(|| cx.ident()).flatten()?;
        return Some(Action::RenameConstraint { table, constraint, to });
    }
    if (cx.is("index") || cx.is("key")) && cx.remaining().len() > 2 {
        cx.next();
        let index = table.with_name(cx.ident()?);
        let to = cx.eat("to").then(|| cx.ident()).flatten()?;
        return Some(Action::RenameIndex { index, to });
    }
    if cx.eat("to") || cx.eat("as") || cx.remaining().len() == 1 {
        let to = cx.name()?;
        let to = if to.schema.is_some() { to } else { table.with_name(to.name) };
        return Some(Action::RenameTable { table, to });
    }
    if cx.remaining().len() > 3 {
        cx.eat("column");
    }
    let column = cx.ident()?;
    let to = cx.eat("to").then(|| cx.ident()).flatten()?;
    Some(Action::RenameColumn { table, column, to })
}

fn drop<L: Lexicon>(table: Name, mut cx: Cursor<'_, L>) -> Vec<Action> {
    let cascade = cx.has("cascade");
    let dropped = |constraint, tolerant| Action::DropConstraint { table: table.clone(), constraint, tolerant, cascade };
    if cx.eat("constraint") {
        let tolerant = cx.if_exists();
        return cx.ident().map(|name| dropped(Dropped::Named(name), tolerant)).into_iter().collect();
    }
    if cx.eat_all(&["primary", "key"]) {
        return one(dropped(Dropped::PrimaryKey, false));
    }
    if cx.eat_all(&["foreign", "key"]) {
        let tolerant = cx.if_exists();
        return cx.ident().map(|name| dropped(Dropped::ForeignKey(name), tolerant)).into_iter().collect();
    }
    let two = cx.remaining().len() > 1;
    if two && cx.eat("check") {
        return cx.ident().map(|name| dropped(Dropped::Check(name), false)).into_iter().collect();
    }
    if two && (cx.eat("index") || cx.eat("key")) {
        let tolerant = cx.if_exists();
        let Some(index) = cx.ident() else { return Vec::new() };
        let index = table.with_name(index);
        return one(Action::DropIndex { index, table: Some(table), concurrently: false, tolerant, cascade });
    }
    if cx.remaining().len() > 1 {
        cx.eat("column");
    }
    let tolerant = cx.if_exists();
    cx.ident().map(|column| Action::DropColumn { table, column, tolerant, cascade }).into_iter().collect()
}

fn alter_column<L: Lexicon>(table: Name, mut cx: Cursor<'_, L>) -> Option<Action> {
    if cx.eat_any(&["constraint", "check"]) {
        return Some(Action::AlterConstraint { table, constraint: cx.ident()? });
    }
    if cx.eat("index") {
        let index = table.with_name(cx.ident()?);
        return Some(Action::AlterIndex { index, what: folded(&cx) });
    }
    cx.eat("column");
    cx.if_exists();
    let column = cx.ident()?;
    let what = folded(&cx);
    Some(if cx.eat_all(&["set", "data", "type"]) || cx.eat("type") {
        cx.text_until(&["using"]);
        let using = cx.eat("using").then(|| cx.rest().to_owned());
        Action::AlterType { table, column, using }
    } else if cx.eat_all(&["set", "not", "null"]) {
        Action::SetNotNull { table, column }
    } else if cx.eat_all(&["drop", "not", "null"]) {
        Action::DropNotNull { table, column }
    } else if cx.eat_all(&["set", "default"]) {
        Action::SetDefault { table, column, default: Some(cx.rest().to_owned()) }
    } else if cx.eat_all(&["drop", "default"]) {
        Action::SetDefault { table, column, default: None }
    } else if cx.eat_all(&["add", "generated"]) {
        Action::AddIdentity { table, column }
    } else {
        Action::AlterColumn { table, column, what }
    })
}

fn add<L: Lexicon>(table: &Name, mut cx: Cursor<'_, L>) -> Vec<Action> {
    if let Some(index) = added_index(table, &mut cx.clone()) {
        return one(index);
    }
    if let Some(constraint) = constraint(table, &mut cx.clone(), None) {
        return one(Action::AddConstraint(constraint));
    }
    if cx.eat("partition") || cx.is("period") && cx.is_at(1, "for") {
        return one(Action::TableOption { table: table.clone(), what: "add partition".to_owned() });
    }
    cx.eat("column");
    let tolerant = cx.if_not_exists();
    // MySQL: `ADD COLUMN (a int, b int)`.
    if let Some(group) = cx.group() {
        return group.parts().into_iter().flat_map(|part| add(table, part)).collect();
    }
    column(table, cx, tolerant)
}

/// MySQL: `ADD INDEX i (a)`, `ADD UNIQUE KEY i (a)`, `ADD FULLTEXT (a)`.
fn added_index<L: Lexicon>(table: &Name, cx: &mut Cursor<'_, L>) -> Option<Action> {
    let unique = cx.eat("unique");
    let special = !unique && cx.eat_any(&["fulltext", "spatial"]);
    let is_index = cx.eat_any(&["index", "key"]);
    if !is_index && !special {
        return None;
    }
    let tolerant = cx.if_not_exists();
    let name = if cx.is("(") || cx.is("using") { None } else { cx.ident() };
    if !cx.is("(") {
        cx.text_until(&["("]);
    }
    // A column may be called `key`; its type follows, and no parentheses with columns.
    cx.is("(")
        .then(|| Action::CreateIndex(NewIndex { table: table.clone(), name, unique, concurrently: false, tolerant }))
}

/// The words that begin what may stand behind a column's type.
const BEHIND_TYPE: [&str; 20] = [
    "constraint",
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "check",
    "references",
    "generated",
    "as",
    "collate",
    "auto_increment",
    "autoincrement",
    "comment",
    "first",
    "after",
    "on",
    "storage",
    "compression",
    "visible",
];

fn column<L: Lexicon>(table: &Name, mut cx: Cursor<'_, L>, tolerant: bool) -> Vec<Action> {
    let Some(name) = cx.ident() else { return Vec::new() };
    let ty = if BEHIND_TYPE.iter().any(|word| cx.is(word)) { "" } else { cx.text_until(&BEHIND_TYPE) };
    let mut new = NewColumn {
        table: table.clone(),
        column: name,
        tolerant,
        ty: ty.to_owned(),
        not_null: false,
        default: None,
        identity: false,
        generated: None,
    };
    let mut constraints = Vec::new();
    while !cx.is_done() {
        if let Some(constraint) = constraint(table, &mut cx, Some(&new.column)) {
            constraints.push(Action::AddConstraint(constraint));
        } else if cx.eat_all(&["not", "null"]) {
            new.not_null = true;
        } else if cx.eat("default") {
            new.default = Some(cx.text_until(&BEHIND_TYPE).to_owned());
        } else if cx.eat_any(&["generated", "as"]) {
            generated(&mut new, &mut cx);
        } else if cx.eat_any(&["auto_increment", "autoincrement"]) {
            new.identity = true;
        } else {
            cx.skip_one();
        }
    }
    let mut found = one(Action::AddColumn(new));
    found.extend(constraints);
    found
}

fn generated<L: Lexicon>(new: &mut NewColumn, cx: &mut Cursor<'_, L>) {
    cx.eat_any(&["always", "by"]);
    cx.eat_any(&["default"]);
    cx.eat("as");
    if cx.eat("identity") {
        new.identity = true;
        cx.group();
        return;
    }
    cx.group();
    let stored = cx.eat_any(&["stored", "persistent"]);
    cx.eat("virtual");
    new.generated = Some(if stored { Generation::Stored } else { Generation::Virtual });
}

/// A constraint of the table, or of `column` where it stands behind that column's type.
fn constraint<L: Lexicon>(table: &Name, cx: &mut Cursor<'_, L>, column: Option<&str>) -> Option<NewConstraint> {
    let mut ahead = cx.clone();
    let name = if ahead.eat("constraint") && !KINDS.iter().any(|kind| ahead.is(kind)) { ahead.ident() } else { None };
    let kind = if ahead.eat_all(&["primary", "key"]) {
        ConstraintKind::PrimaryKey
    } else if ahead.is("unique") && (column.is_some() || is_key(&ahead)) {
        ahead.eat("unique");
        ConstraintKind::Unique
    } else if ahead.eat_all(&["foreign", "key"]) || (column.is_some() && ahead.is("references")) {
        ConstraintKind::ForeignKey
    } else if ahead.is("check") && ahead.is_at(1, "(") {
        ahead.eat("check");
        ConstraintKind::Check
    } else if ahead.is("exclude") && (ahead.is_at(1, "(") || ahead.is_at(1, "using")) {
        ahead.eat("exclude");
        ConstraintKind::Exclude
    } else if column.is_none() && name.is_some() && ahead.eat_all(&["not", "null"]) {
        ConstraintKind::NotNull
    } else {
        return None;
    };
    *cx = ahead;
    Some(body(table, name, kind, cx, column))
}

const KINDS: [&str; 6] = ["primary", "unique", "foreign", "check", "exclude", "references"];

/// Whether UNIQUE begins a constraint of the table.
fn is_key<L: Lexicon>(cx: &Cursor<'_, L>) -> bool {
    ["(", "nulls", "using"].iter().any(|word| cx.is_at(1, word)) || cx.is_at(2, "(")
}

fn body<L: Lexicon>(
    table: &Name,
    name: Option<String>,
    kind: ConstraintKind,
    cx: &mut Cursor<'_, L>,
    column: Option<&str>,
) -> NewConstraint {
    let mut new = NewConstraint {
        table: table.clone(),
        name,
        kind,
        columns: column.map(ToOwned::to_owned).into_iter().collect(),
        references: None,
        text: String::new(),
        not_valid: false,
        using_index: None,
        inline: column.is_some(),
    };
    if column.is_none() {
        if cx.eat_all(&["using", "index"]) {
            new.using_index = cx.ident();
        } else {
            new.columns = columns(kind, cx, &mut new.text);
        }
    } else if kind == ConstraintKind::Check {
        new.text = cx.text_of_one().to_owned();
    }
    if cx.eat("references") {
        new.references = cx.name();
        cx.group();
    }
    if column.is_none() {
        new.not_valid = cx.has("valid") && cx.has("not");
        cx.rest();
    } else {
        // ON DELETE and the like belong to the reference.
        while cx.is("on") && (cx.is_at(1, "delete") || cx.is_at(1, "update")) || cx.is("match") {
            cx.next();
            cx.next();
            cx.eat_any(&["null", "default", "action"]);
            if cx.is("set") || cx.is("no") || cx.is("cascade") || cx.is("restrict") {
                cx.next();
                cx.eat_any(&["null", "default", "action"]);
            }
        }
    }
    new
}

fn columns<L: Lexicon>(kind: ConstraintKind, cx: &mut Cursor<'_, L>, text: &mut String) -> Vec<String> {
    match kind {
        ConstraintKind::Check => {
            *text = cx.text_of_one().to_owned();
            Vec::new()
        }
        ConstraintKind::NotNull => cx.ident().into_iter().collect(),
        ConstraintKind::Exclude => {
            *text = cx.rest().to_owned();
            Vec::new()
        }
        _ => {
            // MySQL: a name between the keyword and the columns.
            while !cx.is_done() && !cx.is("(") {
                cx.next();
            }
            cx.names_in_group()
        }
    }
}
