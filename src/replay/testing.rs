//! A catalog in few lines, one an object, for the tests of the replay.

use std::fmt::Write;

use crate::catalog::{AutoValue, Catalog, Check, Column, Deferrable, ForeignKey, Index, IndexKey, IndexPart, Table};
use crate::dialect::Dialect;

/// What a script makes of an empty schema, or why it does not parse.
pub(super) fn replayed(dialect: Dialect, sql: &str) -> String {
    let mut catalog = Catalog::empty(dialect);
    match super::apply(&mut catalog, sql, "up.sql") {
        Ok(()) => compact(&catalog),
        Err(error) => format!("{error}\n"),
    }
}

/// The catalog in lines.
pub(super) fn compact(catalog: &Catalog) -> String {
    let mut lines: Vec<String> = catalog.schemas.iter().map(|s| format!("schema {s}")).collect();
    lines.extend(catalog.extensions.iter().map(|e| format!("extension {e}")));
    for ty in catalog.enums.values() {
        lines.push(format!("enum {}: {}{}", ty.name, ty.values.join(", "), comment(ty.comment.as_deref())));
    }
    for domain in catalog.domains.values() {
        let null = if domain.not_null { " NOT NULL" } else { "" };
        let default = domain.default.as_ref().map(|d| format!(" DEFAULT {d}")).unwrap_or_default();
        let checks: Vec<String> = domain.checks.iter().map(check).collect();
        lines.push(format!("domain {}: {}{null}{default}{}", domain.name, domain.base, checks.concat()));
    }
    for sequence in catalog.sequences.values() {
        let owner = sequence.owned_by.as_ref().map(|(t, c)| format!(" of {t}.{c}")).unwrap_or_default();
        lines.push(format!("sequence {}: {}{owner}", sequence.name, sequence.options));
    }
    lines.extend(catalog.tables.values().map(|one| table(one)));
    for view in catalog.views.values() {
        let kind = if view.materialized { "materialized view" } else { "view" };
        let on: Vec<String> = view.depends_on.iter().map(ToString::to_string).collect();
        let indexes: Vec<String> = view.indexes.iter().map(index).collect();
        lines.push(format!(
            "{kind} {} on {}{}{}",
            view.name,
            on.join(", "),
            indexes.concat(),
            comment(view.comment.as_deref())
        ));
    }
    lines.extend(catalog.functions.values().map(|f| format!("function {}", f.name)));
    lines.extend(catalog.comments.iter().map(|comment| format!("comment on {}: '{}'", comment.on, comment.text)));
    for doubt in &catalog.uncertain {
        let objects: Vec<String> = doubt.objects.iter().map(ToString::to_string).collect();
        let objects = if objects.is_empty() { "anything".to_owned() } else { objects.join(", ") };
        lines.push(format!("unsure of {objects}: {} ({})", doubt.reason, doubt.at));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn table(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|one| column(one)).collect();
    let mut text = format!("table {} ({})", table.name, columns.join(", "));
    if table.options.unlogged {
        text.push_str(" unlogged");
    }
    let by = table.options.partition_by.as_ref().map(|by| format!(" by {by}"));
    let of = table.options.partition_of.as_ref().map(|of| format!(" of {of}"));
    text.extend(by.into_iter().chain(of));
    for option in [&table.options.engine, &table.options.collation].into_iter().flatten() {
        let _ = write!(text, " {option}");
    }
    if let Some(key) = &table.primary_key {
        let _ = write!(text, "; key {}({})", name(key.name.as_ref()), key.columns.join(", "));
    }
    for unique in &table.uniques {
        let nulls = if unique.nulls_not_distinct { " nulls not distinct" } else { "" };
        let columns = unique.columns.join(", ");
        let _ = write!(text, "; unique {}({columns}){nulls}{}", name(unique.name.as_ref()), timing(unique.deferrable));
    }
    text.extend(table.checks.iter().map(check));
    text.extend(table.foreign_keys.iter().map(foreign_key));
    for exclude in &table.excludes {
        let _ = write!(text, "; exclude {}{}", name(exclude.name.as_ref()), exclude.text);
    }
    text.extend(table.indexes.iter().map(index));
    for trigger in &table.triggers {
        let function = trigger.function.as_ref().map(ToString::to_string).unwrap_or_default();
        let calls = if function.is_empty() { String::new() } else { format!(" calls {function}") };
        let _ = write!(text, "; trigger {}{calls}", trigger.name);
    }
    text + &comment(table.comment.as_deref())
}

fn column(column: &Column) -> String {
    let mut text = format!("{} {}", column.name, column.ty);
    if !column.nullable {
        text.push('!');
    }
    if let Some(default) = &column.default {
        let _ = write!(text, " = {default}");
    }
    match &column.auto {
        Some(AutoValue::Serial { sequence }) => text = format!("{text} from {sequence}"),
        Some(AutoValue::Identity { always, options }) => {
            let when = if *always { "always" } else { "by default" };
            text = format!("{text} identity {when} {options}").trim_end().to_owned();
        }
        Some(AutoValue::Increment) => text.push_str(" counted"),
        None => {}
    }
    if let Some(update) = &column.on_update {
        let _ = write!(text, " on update {update}");
    }
    if let Some(generated) = &column.generated {
        let virtual_column = if generated.stored { "" } else { " virtual" };
        let _ = write!(text, " as ({}){virtual_column}", generated.expr);
    }
    if let Some(collation) = &column.collation {
        let _ = write!(text, " collate {collation}");
    }
    if let Some(check) = &column.check {
        let _ = write!(text, " check ({check})");
    }
    text + &comment(column.comment.as_deref())
}

fn check(check: &Check) -> String {
    let valid = if check.valid { "" } else { " not valid" };
    format!("; check {}({}){valid}", name(check.name.as_ref()), check.expr)
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "; foreign {}({}) -> {} ({})",
        name(key.name.as_ref()),
        key.columns.join(", "),
        key.references,
        key.ref_columns.join(", ")
    );
    for (event, action) in [("delete", key.on_delete), ("update", key.on_update)] {
        if action != crate::catalog::Action::NoAction {
            let _ = write!(text, " on {event} {}", action.sql().to_lowercase());
        }
    }
    text.push_str(timing(key.deferrable));
    if key.valid { text } else { text + " not valid" }
}

fn index(index: &Index) -> String {
    let parts: Vec<String> = index.parts.iter().map(part).collect();
    let unique = if index.unique { "unique " } else { "" };
    let method = index.method.as_ref().map(|m| format!("{m} ")).unwrap_or_default();
    let mut text = format!("; {unique}index {} {method}({})", index.name, parts.join(", "));
    if !index.include.is_empty() {
        let _ = write!(text, " include ({})", index.include.join(", "));
    }
    if index.nulls_not_distinct {
        text.push_str(" nulls not distinct");
    }
    if let Some(with) = &index.with {
        let _ = write!(text, " with ({with})");
    }
    if let Some(predicate) = &index.predicate {
        let _ = write!(text, " where {predicate}");
    }
    text
}

fn part(part: &IndexPart) -> String {
    let mut text = match &part.key {
        IndexKey::Column(name) => name.clone(),
        IndexKey::Expr(expr) => format!("({expr})"),
    };
    if let Some(prefix) = part.prefix {
        let _ = write!(text, "({prefix})");
    }
    for word in part.collation.iter().chain(&part.operator_class) {
        let _ = write!(text, " {word}");
    }
    if part.descending {
        text.push_str(" desc");
    }
    match part.nulls_first {
        Some(true) => text + " nulls first",
        Some(false) => text + " nulls last",
        None => text,
    }
}

fn timing(deferrable: Deferrable) -> &'static str {
    match deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " deferrable",
        Deferrable::InitiallyDeferred => " deferred",
    }
}

fn name(name: Option<&String>) -> String {
    name.map(|name| format!("{name} ")).unwrap_or_default()
}

fn comment(comment: Option<&str>) -> String {
    comment.map(|text| format!(" '{text}'")).unwrap_or_default()
}
