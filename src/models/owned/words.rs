//! The words of `#[ops(…)]` for parts of a catalog.

use crate::catalog::{Action, Deferrable, ForeignKey, Index, IndexKey, IndexPart, TableOptions};

/// A text as a Rust string literal.
pub(super) fn quoted(text: &str) -> String {
    let plain = text.replace("\\", "\\\\").replace('"', "\\\"");
    if !text.contains('"') && !text.contains('\\') {
        return format!("\"{text}\"");
    }
    if text.contains("\"#") { format!("\"{plain}\"") } else { format!("r#\"{text}\"#") }
}

/// The options of what counts: `START WITH 500` is `start = 500`.
pub(super) fn counting(options: &str) -> Vec<String> {
    let mut words = options.split_whitespace();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let key = match word {
            "START" => "start",
            "INCREMENT" => "increment",
            "MINVALUE" => "min",
            "MAXVALUE" => "max",
            "CACHE" => "cache",
            "CYCLE" => {
                found.push("cycle".to_owned());
                continue;
            }
            _ => continue,
        };
        let number = words.by_ref().find(|word| word.parse::<i64>().is_ok());
        found.extend(number.map(|number| format!("{key} = {number}")));
    }
    found
}

pub(super) fn timing(timing: Deferrable) -> Option<String> {
    match timing {
        Deferrable::No => None,
        Deferrable::InitiallyImmediate => Some("deferrable".to_owned()),
        Deferrable::InitiallyDeferred => Some("initially_deferred".to_owned()),
    }
}

pub(super) fn actions(key: &ForeignKey) -> Vec<String> {
    let word = |action: Action| action.sql().to_ascii_lowercase().replace(' ', "_");
    let both = [("on_delete", key.on_delete), ("on_update", key.on_update)];
    both.into_iter()
        .filter(|(_, action)| *action != Action::NoAction)
        .map(|(on, action)| format!("{on} = {}", word(action)))
        .collect()
}

/// Whether an index is of one column, with nothing that has to be said at the column.
pub(super) fn is_of_column(index: &Index, column: &str) -> bool {
    index.parts == [IndexPart::column(column)]
}

/// What PostgreSQL names an index after.
pub(super) fn index_words(index: &Index) -> Vec<String> {
    let keys = index.parts.iter().map(|part| match &part.key {
        IndexKey::Column(name) => name.clone(),
        IndexKey::Expr(_) => "expr".to_owned(),
    });
    keys.chain(index.include.iter().cloned()).collect()
}

/// The keys of an index.
pub(super) fn index_parts(index: &Index, rust: impl Fn(&str) -> String) -> Vec<String> {
    index.parts.iter().map(|part| index_part(part, &rust)).collect()
}

fn index_part(part: &IndexPart, rust: &impl Fn(&str) -> String) -> String {
    let mut text = match &part.key {
        IndexKey::Column(name) => rust(name),
        IndexKey::Expr(expr) => quoted(&expr.sql),
    };
    if let Some(prefix) = part.prefix {
        text.push_str(&format!(" prefix {prefix}"));
    }
    for (word, what) in [("collate", &part.collation), ("class", &part.operator_class)] {
        if let Some(what) = what {
            text.push_str(&format!(" {word} {}", quoted(what)));
        }
    }
    if part.descending {
        text.push_str(" desc");
    }
    match part.nulls_first {
        Some(true) => text.push_str(" nulls_first"),
        Some(false) => text.push_str(" nulls_last"),
        None => {}
    }
    text
}

/// What is said of an index beside its keys and its name.
pub(super) fn index_options(index: &Index, rust: impl Fn(&str) -> String) -> Vec<String> {
    let mut found = Vec::new();
    if index.unique {
        found.push("unique".to_owned());
    }
    found.extend(index.method.as_ref().map(|method| format!("method = {}", quoted(method))));
    if !index.include.is_empty() {
        let names: Vec<String> = index.include.iter().map(|name| rust(name)).collect();
        found.push(format!("include({})", names.join(", ")));
    }
    found.extend(index.predicate.as_ref().map(|expr| format!("where = {}", quoted(&expr.sql))));
    found.extend(index.with.as_ref().map(|with| format!("with = {}", quoted(with))));
    if index.nulls_not_distinct {
        found.push("nulls_not_distinct".to_owned());
    }
    found
}

/// The options of a table, each in the list of its database.
pub(super) fn options(options: &TableOptions) -> Vec<String> {
    let list =
        |database: &str, words: Vec<String>| (!words.is_empty()).then(|| format!("{database}({})", words.join(", ")));
    let flag = |on: bool, word: &str| on.then(|| word.to_owned());
    let text = |word: &str, text: &Option<String>| text.as_ref().map(|text| format!("{word} = {}", quoted(text)));
    let sqlite = [flag(options.strict, "strict"), flag(options.without_rowid, "without_rowid")];
    let postgres = [flag(options.unlogged, "unlogged"), text("partition_by", &options.partition_by)];
    [list("sqlite", sqlite.into_iter().flatten().collect()), list("postgres", postgres.into_iter().flatten().collect())]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether an expression speaks of a column.
pub(super) fn mentions(expr: &str, column: &str) -> bool {
    crate::catalog::rename_identifier(expr, column, "\u{1}") != expr
}
