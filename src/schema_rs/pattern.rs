//! The regular expressions of diesel.toml's filters, which Diesel reads with the same crate.

use regex::Regex;

/// A regular expression; it matches anywhere in a text unless it is anchored.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Reads an expression.
    ///
    /// # Errors
    /// With the reason, where it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        Regex::new(text).map(Self).map_err(|error| {
            // The rest is a drawing of the place.
            let text = error.to_string();
            text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        })
    }

    /// Whether a text has a place that matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn matches() {
        let cases = [
            ("users", "all_users_now", true),
            ("^users$", "all_users", false),
            ("^users$", "users", true),
            ("^(posts|users)$", "posts", true),
            ("^(?:posts|users)$", "postsx", false),
            ("^pg_", "pg_stat", true),
            ("^spatial_ref_sys|geo.*$", "spatial_ref_sys2", true),
            ("a.c", "abc", true),
            ("a\\.c", "abc", false),
            ("^[a-z_]+$", "snake_case", true),
            ("^[^a-z]+$", "snake", false),
            ("^t\\d{2,3}$", "t1", false),
            ("^t\\d{2,3}$", "t123", true),
            ("^t\\d{2,}?$", "t1234", true),
            ("^(ab)*$", "abab", true),
            ("^(a*)*b$", "aaaaaaaaaaaaaaaaaaaaaaaac", false),
            ("^[\\w-]+$", "a-b_c", true),
            ("(?i)^USERS$", "users", true),
            ("", "anything", true),
            ("x?", "", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::parse(pattern).unwrap().is_match(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn refused_with_the_reason() {
        for (pattern, reason) in [
            ("(a", "unclosed group"),
            ("a)", "unopened group"),
            ("[a", "unclosed character class"),
            ("*a", "repetition operator missing expression"),
            ("a\\", "incomplete escape sequence, reached end of pattern prematurely"),
        ] {
            assert_eq!(Pattern::parse(pattern).unwrap_err(), reason, "{pattern}");
        }
    }
}
