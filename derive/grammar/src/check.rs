//! What the statements of one struct say against each other: columns that are not there, keys that
//! contradict, names that two objects want.

use crate::field::{Field, FieldSays};
use crate::table::{Columns, Errors, HISTORY_COLUMNS, HISTORY_SUFFIX, IndexKey, Model, Says};
use crate::word::{At, Named, Text, error};
use crate::{Action, Database, For};

pub(crate) fn check(model: &Model) -> syn::Result<()> {
    let mut errors = Errors::default();
    for field in &model.fields {
        errors.take(twice(model, field));
        errors.take(contradictions(field));
    }
    for (_, says) in model.field_says() {
        errors.take(of_field(model, &says.says));
    }
    for says in &model.says {
        errors.take(of_table(model, &says.says));
    }
    errors.take(keys(model));
    errors.take(names(model));
    errors.take(history(model));
    errors.or(())
}

/// A column that two fields want.
fn twice(model: &Model, field: &Field) -> syn::Result<()> {
    let mut same = model.fields.iter().filter(|other| other.column.name == field.column.name);
    let first = same.next().is_some_and(|first| std::ptr::eq(first, field));
    if first {
        Ok(())
    } else {
        Err(error(field.column.span, format!("column `{}` is stated twice", field.column.name)))
    }
}

/// Keys of one column that cannot go together, for one database or for all.
const APART: &[(&str, &str, &str)] = &[
    ("generated", "default", "a generated column has no default"),
    ("generated", "identity", "a column's value comes from one place"),
    ("generated", "sequence", "a column's value comes from one place"),
    ("default", "identity", "a column's value comes from one place"),
    ("default", "sequence", "a column's value comes from one place"),
    ("identity", "sequence", "a column's value comes from one place"),
    ("sql_type", "max_length", "the type says its length itself"),
    ("sql_type", "precision", "the type says its precision itself"),
    ("max_length", "precision", "a text has a length, a number a precision"),
];

fn contradictions(field: &Field) -> syn::Result<()> {
    // What is said for one database stands before what is said for all.
    let meet = |a: &For<FieldSays>, b: &For<FieldSays>| a.only == b.only;
    for (at, says) in field.says.iter().enumerate() {
        for other in field.says[..at].iter().filter(|other| meet(other, says)) {
            let (a, b) = (other.says.key(), says.says.key());
            let apart = APART.iter().find(|(x, y, _)| (*x, *y) == (a, b) || (*x, *y) == (b, a));
            let off = |says: &FieldSays| matches!(says, FieldSays::Identity(identity) if identity.off);
            if let Some((_, _, why)) = apart.filter(|_| !off(&says.says) && !off(&other.says)) {
                let text = format!("`{a}` and `{b}` of `{}` contradict each other: {why}", field.column.name);
                return Err(error(span_of(&says.says), text));
            }
        }
        match &says.says {
            FieldSays::PrimaryKey(span) if is_nullable(field, says.only) == Some(true) => {
                let text = format!("`{}` may be NULL, and a primary key may not: leave Option out", field.column.name);
                return Err(error(*span, text));
            }
            FieldSays::References(key) if is_nullable(field, says.only) == Some(false) => {
                for (action, span) in [key.on_delete, key.on_update].into_iter().flatten() {
                    if action == Action::SetNull {
                        let text =
                            format!("`set_null` needs a column that may be NULL, and `{}` may not", field.column.name);
                        return Err(error(span, text));
                    }
                }
            }
            FieldSays::MaxLength(0, span) => return Err(error(*span, "`max_length` is at least 1")),
            FieldSays::Precision(0, _, span) => return Err(error(*span, "`precision` is at least 1")),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a column may be NULL, where the struct tells.
fn is_nullable(field: &Field, only: Option<Database>) -> Option<bool> {
    let stated = field.says.iter().find_map(|says| match says.says {
        FieldSays::Nullable(nullable, _) if says.only.is_none() || says.only == only => Some(nullable),
        _ => None,
    });
    stated.or(field.optional)
}

fn span_of(says: &FieldSays) -> At {
    match says {
        FieldSays::PrimaryKey(span)
        | FieldSays::MaxLength(_, span)
        | FieldSays::Precision(_, _, span)
        | FieldSays::Nullable(_, span) => *span,
        FieldSays::Unique(unique) => unique.span,
        FieldSays::Index(index) => index.span,
        FieldSays::Check(check) => check.expr.span,
        FieldSays::Generated(generated) => generated.expr.span,
        FieldSays::References(references) => references.target.table.span,
        FieldSays::Identity(identity) => identity.span,
        FieldSays::Sequence(sequence) => sequence.span,
        FieldSays::Default(text)
        | FieldSays::SqlType(text)
        | FieldSays::Collate(text)
        | FieldSays::Charset(text)
        | FieldSays::OnUpdate(text)
        | FieldSays::Comment(text)
        | FieldSays::RenamedFrom(text)
        | FieldSays::Backfill(text)
        | FieldSays::Using(text) => text.span,
    }
}

fn of_field(model: &Model, says: &FieldSays) -> syn::Result<()> {
    match says {
        FieldSays::Index(index) => index_columns(model, index),
        _ => Ok(()),
    }
}

fn of_table(model: &Model, says: &Says) -> syn::Result<()> {
    match says {
        Says::Unique(unique) => {
            not_empty(&unique.columns, unique.span, "unique")?;
            known(model, &unique.columns)
        }
        Says::Index(index) => {
            if index.parts.is_empty() {
                return Err(error(index.span, "`index` needs columns: index(a, b)"));
            }
            index_columns(model, index)
        }
        Says::ForeignKey(key) => {
            not_empty(&key.columns, key.span, "foreign_key")?;
            known(model, &key.columns)?;
            let (own, theirs) = (key.columns.len(), key.target.columns.len());
            if theirs > 0 && own != theirs {
                let text = format!("`foreign_key` has {own} columns here and {theirs} in `{}`", key.target.table.name);
                return Err(error(key.target.table.span, text));
            }
            Ok(())
        }
        Says::PrimaryKey(key) => {
            // An empty list: a table without a key.
            known(model, &key.columns)
        }
        _ => Ok(()),
    }
}

fn not_empty(columns: &[Named], span: At, key: &str) -> syn::Result<()> {
    if columns.is_empty() { Err(error(span, format!("`{key}` needs columns: {key}(a, b)"))) } else { Ok(()) }
}

fn index_columns(model: &Model, index: &crate::Index) -> syn::Result<()> {
    let columns = index.parts.iter().filter_map(|part| match &part.key {
        IndexKey::Column(column) => Some(column),
        IndexKey::Expr(_) => None,
    });
    columns.chain(&index.include).try_for_each(|column| known_one(model, column))
}

fn known(model: &Model, columns: &[Named]) -> syn::Result<()> {
    columns.iter().try_for_each(|column| known_one(model, column))
}

/// A struct that embeds another has columns that are not to be seen here.
fn known_one(model: &Model, column: &Named) -> syn::Result<()> {
    let names: Vec<&str> = model.fields.iter().map(|field| field.column.name.as_str()).collect();
    if names.contains(&column.name.as_str()) || !model.embeds.is_empty() {
        return Ok(());
    }
    Err(error(column.span, unknown_column(column, &names)))
}

/// The words about a column that is not there.
pub fn unknown_column(column: &Named, names: &[&str]) -> String {
    format!("unknown column `{}`{}", column.name, crate::nearest::hint(&column.name, names))
}

/// The primary key is stated once, here and in Diesel's attribute alike.
fn keys(model: &Model) -> syn::Result<()> {
    let fields: Vec<&Named> = model
        .field_says()
        .filter(|(_, says)| matches!(says.says, FieldSays::PrimaryKey(_)))
        .map(|(field, _)| &field.column)
        .collect();
    let mut lists = model.says.iter().filter_map(|says| match &says.says {
        Says::PrimaryKey(key) => Some(key),
        _ => None,
    });
    let list = lists.next();
    if let Some(second) = lists.next() {
        return Err(error(second.span, "`primary_key` is said twice"));
    }
    if let (Some(list), Some(_)) = (list, fields.first()) {
        return Err(error(list.span, "`primary_key` is said of the struct and of a field: keep one"));
    }
    let stated: Vec<&Named> = list.map_or(fields, |list| list.columns.iter().collect());
    let mut here: Vec<&str> = stated.iter().map(|column| column.name.as_str()).collect();
    let mut diesels: Vec<&str> = model.diesel_key.iter().map(|column| column.name.as_str()).collect();
    here.sort_unstable();
    diesels.sort_unstable();
    match stated.first() {
        Some(first) if !diesels.is_empty() && here != diesels => Err(error(
            first.span,
            format!(
                "the primary key is ({}) here and ({}) in #[diesel(primary_key(…))]",
                here.join(", "),
                diesels.join(", ")
            ),
        )),
        _ => Ok(()),
    }
}

/// A history is stated once, of a table, and needs its name and the names of its columns for itself.
fn history(model: &Model) -> syn::Result<()> {
    let mut said = model.says.iter().filter_map(|says| match &says.says {
        Says::History(history) => Some((says.only, history)),
        _ => None,
    });
    let Some((first, history)) = said.next() else { return Ok(()) };
    if let Some((_, second)) = said.find(|(only, _)| only.is_none() || first.is_none() || *only == first) {
        return Err(error(second.span, "`history` is said twice"));
    }
    let Columns::Of(table) = &model.columns else {
        return Err(error(
            history.span,
            "shared columns have no table, and so no history: say it where they are embedded",
        ));
    };
    let suffix = history.suffix.as_ref().map_or(HISTORY_SUFFIX, |suffix| suffix.value.as_str());
    if let Some(text) = history.suffix.as_ref().filter(|text| !is_suffix(&text.value)) {
        return Err(error(text.span, "`suffix` is made of letters, digits and `_`: suffix = \"_version\""));
    }
    if table.name.ends_with(suffix) {
        return Err(error(history.span, called_like_history(&table.name, suffix)));
    }
    match model.fields.iter().find(|field| HISTORY_COLUMNS.contains(&field.column.name.as_str())) {
        Some(field) => Err(error(field.column.span, column_of_history(&field.column.name))),
        None => Ok(()),
    }
}

/// Whether a text can stand behind a table's name.
pub fn is_suffix(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The words about a table that has a history and is called like one.
pub fn called_like_history(table: &str, suffix: &str) -> String {
    format!(
        "`{table}` is called like a history itself (it ends with `{suffix}`): give its history another suffix, or none"
    )
}

/// The words about a column that every history has for itself.
pub fn column_of_history(column: &str) -> String {
    format!("`{column}` is a column of the history itself: give this one another name")
}

/// A name that two indexes or two constraints want.
fn names(model: &Model) -> syn::Result<()> {
    let mut seen: Vec<(Option<Database>, &Text)> = Vec::new();
    let of_fields = model.field_says().filter_map(|(_, says)| {
        let name = match &says.says {
            FieldSays::Unique(unique) => unique.name.as_ref(),
            FieldSays::Index(index) => index.name.as_ref(),
            FieldSays::Check(check) => check.name.as_ref(),
            FieldSays::References(references) => references.name.as_ref(),
            _ => None,
        };
        Some((says.only, name?))
    });
    let of_table = model.says.iter().filter_map(|says| {
        let name = match &says.says {
            Says::Unique(unique) => unique.name.as_ref(),
            Says::Index(index) => index.name.as_ref(),
            Says::Check(check) => check.name.as_ref(),
            Says::Exclude(exclude) => exclude.name.as_ref(),
            Says::ForeignKey(key) => key.name.as_ref(),
            Says::PrimaryKey(key) => key.name.as_ref(),
            _ => None,
        };
        Some((says.only, name?))
    });
    for (only, name) in of_fields.chain(of_table) {
        let meets = |other: &Option<Database>| only.is_none() || other.is_none() || *other == only;
        if seen.iter().any(|(other, known)| meets(other) && known.value == name.value) {
            return Err(error(name.span, format!("two objects are called `{}`", name.value)));
        }
        seen.push((only, name));
    }
    Ok(())
}
