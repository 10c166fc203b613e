//! The name that somebody may have meant.

/// ` (did you mean …?)` where one of the names is close enough to a wrong one; else what there is.
pub(crate) fn hint(wrong: &str, names: &[&str]) -> String {
    let best = names.iter().map(|name| (distance(wrong, name), *name)).min();
    match best {
        Some((far, name)) if far <= 1 + wrong.chars().count() / 3 => format!(", did you mean `{name}`?"),
        _ if names.is_empty() => String::new(),
        _ => format!(": expected one of {}", names.join(", ")),
    }
}

/// How many characters have to be changed, put in or taken out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, c) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (to, d) in b.iter().enumerate() {
            let replaced = before + usize::from(c != *d);
            before = row[to + 1];
            row[to + 1] = replaced.min(before + 1).min(row[to] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn the_nearest_name_is_offered_where_one_is_near() {
        let names = ["unique", "index", "check"];
        assert_eq!(hint("uniqe", &names), ", did you mean `unique`?");
        assert_eq!(hint("idx", &["index"]), ", did you mean `index`?");
        assert_eq!(hint("foreign", &names), ": expected one of unique, index, check");
    }
}
