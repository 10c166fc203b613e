//! The borders of statements. Diesel sends a whole file to the server, which splits it itself:
//! there is no DELIMITER, and the body of a trigger or routine ends where its blocks do (MySQL
//! manual, Compound Statement Syntax).

use super::token::scan;
use crate::dialect::Dialect;
use crate::sql::{Statement, Token, TokenKind, by_pieces};

/// Splits a text at its semicolons; those inside of the body of a trigger, event or routine do not
/// count.
///
/// # Errors
/// The place and kind of a quoted text or comment that does not end, of a semicolon in an executable
/// comment, and of a DELIMITER line, which only the `mysql` client understands.
pub fn statements(text: &str) -> Result<Vec<Statement<'_>>, (usize, String)> {
    match read(text) {
        (statements, None) => Ok(statements),
        (_, Some(wrong)) => Err(wrong),
    }
}

/// The statements before the first thing that is wrong, and what that is.
pub(crate) fn read(text: &str) -> (Vec<Statement<'_>>, Option<(usize, String)>) {
    by_pieces(Dialect::Mysql, text, &split)
}

fn split(text: &str) -> Result<Vec<Statement<'_>>, (usize, String)> {
    let scan = scan(text);
    if let Some(open) = scan.open {
        return Err(open);
    }
    let tokens = &scan.tokens;
    let mut statements = Vec::new();
    let mut start = 0;
    while start < tokens.len() {
        let len = statement_len(&tokens[start..]);
        if let (Some(first), Some(last)) = (tokens.get(start), tokens[start..start + len].last()) {
            if first.is("delimiter") {
                let message = "DELIMITER is a command of the mysql client, which the server does not know";
                return Err((first.offset, message.to_owned()));
            }
            // An executable comment is a part of the statement as a whole.
            let around = |offset: usize| scan.code.iter().find(|code| code.contains(&offset));
            let from = around(first.offset).map_or(first.offset, |code| code.start);
            let to = around(last.end() - 1).map_or(last.end(), |code| code.end);
            let end = statements.last().map_or(0, |last: &Statement<'_>| last.offset + last.text.len());
            if from < end {
                return Err((
                    from,
                    "a semicolon stands in an executable comment, which the server cannot read".to_owned(),
                ));
            }
            statements.push(Statement { text: &text[from..to], offset: from });
        }
        start += len + 1;
    }
    Ok(statements)
}

/// How many tokens stand before the statement's semicolon.
fn statement_len(tokens: &[Token<'_>]) -> usize {
    let has_body = has_body(tokens);
    let mut depth = 0_usize;
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        if token.text == ";" && depth == 0 {
            return at;
        }
        if has_body && token.kind == TokenKind::Word {
            if token.is("end") {
                depth = depth.saturating_sub(1);
                // END IF, END CASE, …
                at += usize::from(tokens.get(at + 1).is_some_and(|next| is_any(next, &BLOCKS) || next.is("case")));
            } else if token.is("begin") || token.is("case") || (is_any(token, &BLOCKS) && begins(tokens, at)) {
                depth += 1;
            }
        }
        at += 1;
    }
    tokens.len()
}

/// Words that open a block where a statement begins, and are something else elsewhere.
const BLOCKS: [&str; 5] = ["if", "loop", "repeat", "while", "for"];

fn is_any(token: &Token<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| token.is(word))
}

/// Whether a statement of a body begins at that token.
fn begins(tokens: &[Token<'_>], at: usize) -> bool {
    const BEFORE: [&str; 15] = [
        ";",
        ":",
        ")",
        "begin",
        "then",
        "else",
        "do",
        "loop",
        "repeat",
        "row",
        "deterministic",
        "data",
        "sql",
        "invoker",
        "definer",
    ];
    at.checked_sub(1).is_none_or(|before| is_any(&tokens[before], &BEFORE))
}

/// Whether the statement may have semicolons inside.
fn has_body(tokens: &[Token<'_>]) -> bool {
    const WITH_BODY: [&str; 5] = ["procedure", "function", "trigger", "event", "package"];
    const WITHOUT: [&str; 6] = ["table", "view", "index", "database", "schema", "sequence"];
    let Some(first) = tokens.first() else { return false };
    if !first.is("create") {
        let block = first.is("begin") && tokens.get(1).is_some_and(|next| next.is("not"));
        return block || first.is("case") || is_any(first, &BLOCKS);
    }
    let kind = tokens.iter().find(|token| is_any(token, &WITH_BODY) || is_any(token, &WITHOUT));
    kind.is_some_and(|kind| is_any(kind, &WITH_BODY))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::statements;
    use crate::sql::mysql::tokens;

    fn check(text: &str, expected: &[&str]) {
        let statements = statements(text).unwrap();
        assert_eq!(statements.iter().map(|s| s.text).collect::<Vec<_>>(), expected, "{text}");
        assert!(statements.iter().all(|s| text[s.offset..].starts_with(s.text)));
    }

    #[test]
    fn statements_end_at_their_own_semicolons() {
        check("", &[]);
        check(";; -- nothing\n# nor here;", &[]);
        check("\u{feff}-- first\nSELECT 1 ; /* x; */ SELECT 2 -- end", &["SELECT 1", "SELECT 2"]);
        check(r#"SELECT ';', "\";", `;`, '\';'; SELECT 2"#, &[r#"SELECT ';', "\";", `;`, '\';'"#, "SELECT 2"]);
        check(
            "/*!40101 SET NAMES utf8 */; CREATE TABLE t (a int) /*!50100 PARTITION BY HASH (a) */;",
            &["/*!40101 SET NAMES utf8 */", "CREATE TABLE t (a int) /*!50100 PARTITION BY HASH (a) */"],
        );
        check("BEGIN; SELECT IF(1, 2, 3); COMMIT", &["BEGIN", "SELECT IF(1, 2, 3)", "COMMIT"]);
    }

    #[test]
    fn a_body_belongs_to_its_statement() {
        let bodies = [
            "CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET NEW.a = IF(NEW.a > 1, 1, 2)",
            "create or replace definer = 'root'@'%' trigger a after insert on t for each row begin if new.a > 1 then set @x = 1; elseif 1 then set @x = 2; end if; end",
            "CREATE PROCEDURE p(IN x INT)\nBEGIN\n DECLARE i INT DEFAULT 0; DECLARE EXIT HANDLER FOR NOT FOUND BEGIN SET i = 1; END;\n\
             l: WHILE i < 3 DO SET i = i + 1; END WHILE l; REPEAT SET i = 0; UNTIL i END REPEAT; LOOP LEAVE l; END LOOP;\n\
             SELECT CASE WHEN i THEN 1 ELSE 2 END, IF(i, REPEAT('a', 2), 1); CASE i WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;\n\
             FOR r IN (SELECT 1) DO SELECT 2; END FOR; SELECT 1 FOR UPDATE;\nEND",
            "CREATE FUNCTION f(x INT) RETURNS INT DETERMINISTIC IF x THEN RETURN 1; ELSE RETURN 2; END IF",
            "CREATE TRIGGER IF NOT EXISTS a BEFORE DELETE ON t FOR EACH ROW IF OLD.a THEN SET @x = 1; END IF",
            "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END",
            "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END",
            "IF @x THEN SELECT 1; END IF",
        ];
        for body in bodies {
            check(&format!("{body};\nSELECT 2"), &[body, "SELECT 2"]);
        }
        check("CREATE TABLE event (a int); SELECT 2", &["CREATE TABLE event (a int)", "SELECT 2"]);
        check("DROP PROCEDURE IF EXISTS p; CALL q()", &["DROP PROCEDURE IF EXISTS p", "CALL q()"]);
    }

    #[test]
    fn what_does_not_end_is_an_error() {
        let error = |text: &str| statements(text).unwrap_err();
        assert_eq!(error("SELECT 1; SELECT 'x"), (17, "a quote ' is not closed".to_owned()));
        assert_eq!(error("SELECT `x"), (7, "a quote ` is not closed".to_owned()));
        assert_eq!(error("SELECT /* x"), (7, "a comment /* is not closed".to_owned()));
        assert_eq!(error("SELECT 1;\nDELIMITER //").0, 10);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_splitter_panic(text in "[ a-zé0-9'\"`;.,()x@+?:/*!#\\\\\n-]{0,40}") {
            let found = tokens(&text);
            prop_assert!(found.iter().all(|t| text[t.offset..].starts_with(t.text)));
            for statement in statements(&text).unwrap_or_default() {
                prop_assert!(text[statement.offset..].starts_with(statement.text));
            }
        }
    }
}
