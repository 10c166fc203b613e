//! Values of enums that go on the way back: the rows that have them by then get another, since the
//! server would refuse to go on in the middle of the script. Which one a person may say; else it is
//! the nearest before it that stays.

use crate::catalog::Name;
use crate::dialect::Dialect;
use crate::diff::Parts;
use crate::operation::Operation;

/// Gives every value that goes one in its place; `chosen` are those that a person named. Returns
/// what that loses, in words.
pub(super) fn map_values(reverse: &mut [Operation], chosen: &Parts) -> Vec<String> {
    let mut lost = Vec::new();
    for operation in reverse {
        match operation {
            Operation::RebuildEnum { from, to, rows, .. } => {
                for (gone, other) in
                    pairs(&from.values, &to.values, |gone| chosen.get(&(to.name.clone(), gone.clone())))
                {
                    lost.push(format!("which rows had '{gone}' of enum {}: they get '{other}'", to.name));
                    rows.insert(gone, other);
                }
            }
            // MySQL: the values are a part of the column's type.
            Operation::AlterType { table, from, to, using: using @ None }
                if from.ty.base == "enum" && to.ty.base == "enum" =>
            {
                let pairs = pairs(&from.ty.args, &to.ty.args, |gone| label_for(chosen, table, &to.name, gone));
                if pairs.is_empty() || !to.ty.args.iter().all(|label| from.ty.args.contains(label)) {
                    continue;
                }
                let column = Dialect::Mysql.quote(&to.name);
                let cases: Vec<String> =
                    pairs.iter().map(|(gone, other)| format!("WHEN {gone} THEN {other}")).collect();
                *using =
                    Some(crate::catalog::Expr::new(format!("CASE {column} {} ELSE {column} END", cases.join(" "))));
                lost.extend(
                    pairs
                        .iter()
                        .map(|(gone, other)| format!("which rows had {gone} in {table}.{}: they get {other}", to.name)),
                );
            }
            _ => {}
        }
    }
    lost
}

/// A label as it stands in a type, quotes included.
fn label_for<'a>(chosen: &'a Parts, table: &Name, column: &str, gone: &str) -> Option<&'a String> {
    let wanted = |((of, value), _): &(&(Name, String), &'a String)| {
        of.to_string() == format!("{table}.{column}") && Dialect::Mysql.literal(value) == gone
    };
    chosen.iter().find(wanted).map(|(_, other)| other)
}

/// The values that go, each with the one in its place.
fn pairs<'a>(from: &[String], to: &[String], chosen: impl Fn(&String) -> Option<&'a String>) -> Vec<(String, String)> {
    let nearest = |at: usize| from[..at].iter().rev().find(|value| to.contains(value)).or(to.first());
    let gone = from.iter().enumerate().filter(|(_, value)| !to.contains(value));
    gone.filter_map(|(at, value)| {
        let other = chosen(value).filter(|other| to.contains(other)).or_else(|| nearest(at))?;
        Some((value.clone(), other.clone()))
    })
    .collect()
}
