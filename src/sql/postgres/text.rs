//! What stays the same of a function or trigger when the server prints it anew
//! (`pg_get_functiondef`, `pg_get_triggerdef`), so that a file and a database can be compared.

use super::ident;
use super::token::{TokenKind, tokens};

/// A statement that creates something, without `OR REPLACE`.
pub(crate) fn create(sql: &str) -> String {
    let tokens = tokens(sql);
    match tokens.as_slice() {
        [create, or, replace, ..] if or.is("or") && replace.is("replace") => {
            let (head, tail) = (&sql[..create.offset + create.text.len()], &sql[replace.offset + replace.text.len()..]);
            format!("{head}{tail}")
        }
        _ => sql.to_owned(),
    }
}

/// The body of a `CREATE FUNCTION` statement; `None` where it is no string.
pub(crate) fn body(sql: &str) -> Option<String> {
    let tokens = tokens(sql);
    let at = tokens.iter().position(|t| t.is("as"))?;
    tokens.get(at + 1)?.value()
}

/// A `CREATE TRIGGER` statement in one spelling: events sorted, optional words left out, names
/// without the default schema. The condition is left out: the server prints it its own way.
pub(crate) fn trigger(sql: &str) -> String {
    let tokens = tokens(sql);
    let mut words: Vec<String> = Vec::new();
    let mut events: Vec<Vec<String>> = vec![Vec::new()];
    let mut place = Place::Head;
    let mut depth = 0_usize;
    for token in &tokens {
        let word = match token.kind {
            TokenKind::Word => ident(token.text),
            TokenKind::Text | TokenKind::Mark => token.text.to_owned(),
        };
        if place == Place::When {
            match token.text {
                "(" => depth += 1,
                ")" if depth == 1 => place = Place::Tail,
                ")" => depth -= 1,
                _ => {}
            }
            continue;
        }
        match (place, word.as_str()) {
            (Place::Head, "before" | "after" | "of") => {
                words.push(word.clone());
                if word != "of" {
                    place = Place::Events;
                }
            }
            (Place::Events, "on") => {
                events.sort();
                words.extend(events.drain(..).flatten());
                words.push(word);
                place = Place::Tail;
            }
            (Place::Events, "or") => events.push(Vec::new()),
            (Place::Events, _) => events.last_mut().into_iter().for_each(|event| event.push(word.clone())),
            (Place::Tail, "when") => {
                place = Place::When;
                depth = 0;
            }
            (Place::Tail, "procedure") => words.push("function".to_owned()),
            (_, "or" | "replace") | (Place::Tail, "each" | "for") => {}
            (_, ".") if words.last().is_some_and(|w| w == "public" || w == "pg_catalog") => {
                words.pop();
            }
            // Arguments are strings, however they are written.
            (Place::Tail, number) if number.starts_with(|c: char| c.is_ascii_digit()) => {
                words.push(format!("'{number}'"));
            }
            _ => words.push(word),
        }
    }
    // The server adds FOR EACH STATEMENT.
    if !words.iter().any(|w| w == "row" || w == "statement") {
        let execute = words.iter().position(|w| w == "execute").unwrap_or(words.len());
        words.insert(execute, "statement".to_owned());
    }
    words.join(" ")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Head,
    Events,
    Tail,
    When,
}

#[cfg(test)]
mod tests {
    use super::{body, trigger};

    #[test]
    fn triggers_are_compared_by_what_they_do() {
        let same = [
            (
                "CREATE TRIGGER t AFTER UPDATE OR INSERT ON users FOR EACH ROW EXECUTE PROCEDURE f()",
                "CREATE TRIGGER t AFTER INSERT OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.f()",
            ),
            (
                "create trigger T before update of a on users for row when (NEW.a > 1) execute function f('x')",
                "CREATE TRIGGER t BEFORE UPDATE OF a ON users FOR EACH ROW WHEN ((new.a > 1)) EXECUTE FUNCTION f('x')",
            ),
            (
                "CREATE OR REPLACE TRIGGER t INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION f()",
                "CREATE TRIGGER t INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION f()",
            ),
            (
                "CREATE TRIGGER t AFTER TRUNCATE ON users EXECUTE FUNCTION f()",
                "CREATE TRIGGER t AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION f()",
            ),
        ];
        for (written, printed) in same {
            assert_eq!(trigger(written), trigger(printed));
        }
        let insert = "CREATE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION f()";
        assert_ne!(trigger(insert), trigger(&insert.replace("AFTER", "BEFORE")));
        assert_ne!(trigger(insert), trigger(&insert.replace("f()", "g()")));
    }

    #[test]
    fn bodies_are_strings() {
        assert_eq!(
            body("CREATE FUNCTION f() RETURNS int AS $$ SELECT 1 $$ LANGUAGE sql").as_deref(),
            Some(" SELECT 1 ")
        );
        assert_eq!(body("CREATE FUNCTION f() RETURNS int RETURN 1"), None);
    }
}
