//! Rust names for SQL names, as diesel_cli gives them: characters that no identifier has become
//! one underscore, and a name that Rust or `table!` reserves gets one at its end.

/// Names that `table!` uses inside of the module that it makes.
const RESERVED: [&str; 3] = ["table", "columns", "is_nullable"];

/// The Rust name of a schema or table.
pub(super) fn rust_name(sql: &str) -> String {
    let name = mapped(sql);
    if is_reserved(&name) { name + "_" } else { name }
}

/// The Rust name of a column; it may not be that of its table.
pub(super) fn column_name(sql: &str, rust_table: &str) -> String {
    let name = mapped(sql);
    if is_reserved(&name) || name == rust_table { name + "_" } else { name }
}

fn is_reserved(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_err()
        || RESERVED.contains(&name)
        || (name.starts_with("__") && !name.ends_with('_'))
}

fn mapped(sql: &str) -> String {
    let mut name = String::new();
    // A run of other characters becomes one underscore, and so does the start before a digit.
    let mut in_gap = sql.starts_with(|c: char| c.is_ascii_digit());
    if in_gap {
        name.push('_');
    }
    for c in sql.chars() {
        let fits = c.is_ascii_alphanumeric() || c == '_';
        if fits {
            name.push(c);
        } else if !in_gap {
            name.push('_');
        }
        in_gap = !fits;
    }
    name
}

/// A type's name in camel case: words end at other characters, where a capital follows a small
/// letter, and before the last capital of several (`HTTPError` is `HttpError`).
pub(super) fn camel_case(sql: &str) -> String {
    let mut name = String::new();
    for run in sql.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<char> = run.chars().collect();
        let mut was_lower = false;
        for (at, &c) in chars.iter().enumerate() {
            let after_capital = at > 0 && chars[at - 1].is_uppercase();
            let before_small = chars.get(at + 1).is_some_and(|next| next.is_lowercase());
            let starts_word = at == 0 || (c.is_uppercase() && (was_lower || (after_capital && before_small)));
            if starts_word {
                name.extend(c.to_uppercase());
            } else {
                name.extend(c.to_lowercase());
            }
            // Digits belong to the letters before them.
            was_lower = c.is_lowercase() || (was_lower && !c.is_uppercase());
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{camel_case, column_name, rust_name};

    #[test]
    fn rust_names() {
        let cases = [
            ("users", "users"),
            ("type", "type_"),
            ("table", "table_"),
            ("two words", "two_words"),
            ("a--b", "a_b"),
            ("2fa", "_2fa"),
            ("2 fa", "_2_fa"),
            ("__hidden", "__hidden_"),
            ("größe", "gr_e"),
            ("UserId", "UserId"),
        ];
        for (sql, expected) in cases {
            assert_eq!(rust_name(sql), expected, "{sql}");
        }
        assert_eq!(column_name("users", "users"), "users_");
        assert_eq!(column_name("self", "users"), "self_");
    }

    #[test]
    fn camel_cases() {
        let cases = [
            ("int4", "Int4"),
            ("pg_lsn", "PgLsn"),
            ("my_enum", "MyEnum"),
            ("MyEnum", "MyEnum"),
            ("HTTPError", "HttpError"),
            ("a1b", "A1b"),
            ("a1B", "A1B"),
            ("_x__y", "XY"),
        ];
        for (sql, expected) in cases {
            assert_eq!(camel_case(sql), expected, "{sql}");
        }
    }
}
