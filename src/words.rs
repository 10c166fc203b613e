//! How many things are told: numbers with their noun, and long lists by their first items.

/// A number of things: `1 row`, `2 rows`.
pub fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// The first of many, at most so many, and how many more there are.
pub fn first_of<T>(all: &[T], most: usize) -> (&[T], usize) {
    let (shown, more) = all.split_at(most.min(all.len()));
    (shown, more.len())
}

/// The first of many in a row: `a, b and 3 more`.
pub fn listed(all: &[String], between: &str, most: usize) -> String {
    match first_of(all, most) {
        (shown, 0) => shown.join(between),
        (shown, more) => format!("{} and {more} more", shown.join(between)),
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, listed};

    #[test]
    fn things_are_counted_and_long_lists_cut() {
        let cases = [(0, "0 rows"), (1, "1 row"), (2, "2 rows")];
        for (count, text) in cases {
            assert_eq!(counted(count, "row"), text);
        }
        let all = ["a", "b", "c"].map(str::to_owned);
        for (most, text) in [(0, " and 3 more"), (1, "a and 2 more"), (3, "a, b, c"), (9, "a, b, c")] {
            assert_eq!(listed(&all, ", ", most), text);
        }
    }
}
