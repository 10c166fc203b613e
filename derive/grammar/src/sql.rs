//! What can be told of an SQL text without knowing its dialect: whether quotes and brackets have
//! their partners, and whether it is one expression and not several statements.

/// What is wrong with an SQL text; `None` where nothing is to be seen.
pub(crate) fn mistake(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some("an SQL text is missing here".to_owned());
    }
    let mut open = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' | '`' if chars.any(|other| other == c) => {}
            '\'' | '"' | '`' => return Some(format!("this SQL does not parse: {c} has no partner")),
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.pop() == Some(c) => {}
            ')' | ']' => return Some(format!("this SQL does not parse: {c} has no partner")),
            ';' => {
                return Some(
                    "this SQL does not parse: `;` ends a statement, and one expression is expected".to_owned(),
                );
            }
            _ => {}
        }
    }
    open.pop().map(|close| format!("this SQL does not parse: {close} is missing"))
}

#[cfg(test)]
mod tests {
    use super::mistake;

    #[test]
    fn brackets_and_quotes_have_partners() {
        for fine in ["now()", "'it''s'", "'{}'::text[]", "\"a(\" > 0", "(a) + (b)"] {
            assert_eq!(mistake(fine), None, "{fine}");
        }
        for (wrong, expected) in [
            ("", "an SQL text is missing here"),
            ("now(", "this SQL does not parse: ) is missing"),
            ("now)", "this SQL does not parse: ) has no partner"),
            ("'x", "this SQL does not parse: ' has no partner"),
            ("0; DROP TABLE a", "this SQL does not parse: `;` ends a statement, and one expression is expected"),
        ] {
            assert_eq!(mistake(wrong).as_deref(), Some(expected), "{wrong}");
        }
    }
}
