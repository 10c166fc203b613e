//! Defaults as the server stores them: a constant is turned into a value of the column's type when
//! the column is made, and shown in that type's own spelling (`'5'` of an integer is `5`).

use super::expression::expression;
use super::token::{tokens, value};
use crate::catalog::{Expr, SqlType};
use crate::dialect::Dialect;
use crate::sql::{Token, TokenKind};

/// What stands behind DEFAULT, or what `information_schema.COLUMNS.COLUMN_DEFAULT` of MariaDB says,
/// in one spelling; NULL is none.
pub fn default_value(text: &str, ty: &SqlType) -> Option<Expr> {
    let found = tokens(text);
    let inner = unwrapped(&found);
    let Some(constant) = constant(inner) else { return Some(Expr::new(expression(text))) };
    Some(Expr::new(match constant {
        Constant::Null => return None,
        constant => converted(&constant, ty).unwrap_or_else(|| expression(text)),
    }))
}

enum Constant {
    Null,
    /// A number or truth value.
    Number(String),
    Text(String),
    /// `b'…'` or `x'…'`
    Bits(u64),
}

/// The tokens without parentheses around all of them.
fn unwrapped<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    match tokens {
        [open, inner @ .., close] if open.text == "(" && close.text == ")" && inner.len() <= 2 => unwrapped(inner),
        tokens => tokens,
    }
}

fn constant(tokens: &[Token<'_>]) -> Option<Constant> {
    match tokens {
        [word] if word.is("null") => Some(Constant::Null),
        [word] if word.is("true") => Some(Constant::Number("1".to_owned())),
        [word] if word.is("false") => Some(Constant::Number("0".to_owned())),
        [one] if one.kind == TokenKind::Text => match value(one) {
            Some(text) => Some(Constant::Text(text)),
            None => bits(one.text).map(Constant::Bits),
        },
        [one] if is_number(one) => Some(match bits(one.text) {
            Some(bits) => Constant::Number(bits.to_string()),
            None => Constant::Number(one.text.to_owned()),
        }),
        [sign, one] if sign.text == "+" && is_number(one) => Some(Constant::Number(one.text.to_owned())),
        [sign, one] if sign.text == "-" && is_number(one) => Some(Constant::Number(format!("-{}", one.text))),
        // `_utf8mb4'x'`
        [set, one] if set.text.starts_with('_') && one.kind == TokenKind::Text => value(one).map(Constant::Text),
        _ => None,
    }
}

fn is_number(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Mark && token.text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

fn bits(text: &str) -> Option<u64> {
    let digits = |text: &str| text.trim_matches('\'').to_owned();
    let lower = text.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x").or_else(|| lower.strip_prefix('x').filter(|t| t.starts_with('\''))) {
        return u64::from_str_radix(&digits(hex), 16).ok();
    }
    let binary = lower.strip_prefix("0b").or_else(|| lower.strip_prefix('b').filter(|t| t.starts_with('\'')))?;
    u64::from_str_radix(&digits(binary), 2).ok()
}

/// The constant as a value of the type; `None` where it is left as it is.
fn converted(constant: &Constant, ty: &SqlType) -> Option<String> {
    let base = ty.base.split(' ').next().unwrap_or_default();
    let text = match constant {
        Constant::Null => return None,
        Constant::Number(text) | Constant::Text(text) => text.clone(),
        Constant::Bits(bits) => bits.to_string(),
    };
    let literal = |text: &str| Some(Dialect::Mysql.literal(text));
    match base {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => integer(&text),
        "decimal" => fixed(&text, ty.args.get(1)?.parse().ok()?),
        "float" | "double" if ty.args.len() == 2 => fixed(&text, ty.args[1].parse().ok()?),
        "float" | "double" => real(&text),
        "year" => year(&text),
        "bit" => text.parse::<u64>().ok().map(|bits| format!("b'{bits:b}'")),
        "date" => moment(&text).map(|(date, _, _)| format!("'{date}'")),
        "datetime" | "timestamp" => {
            let (date, time, fraction) = moment(&text)?;
            Some(format!("'{date} {time}{}'", fraction_of(&fraction, ty)))
        }
        "time" => clock(&text).map(|(time, fraction)| format!("'{time}{}'", fraction_of(&fraction, ty))),
        "enum" => literal(&label(&text, ty)),
        "set" => {
            let wanted: Vec<String> = text.split(',').map(|one| label(one, ty)).collect();
            let known = ty.args.iter().map(|arg| unquoted(arg)).filter(|one| wanted.contains(one));
            literal(&known.collect::<Vec<_>>().join(","))
        }
        "char" => literal(text.trim_end_matches(' ')),
        _ => match constant {
            Constant::Text(_) | Constant::Number(_) => literal(&text),
            Constant::Null | Constant::Bits(_) => None,
        },
    }
}

fn integer(text: &str) -> Option<String> {
    let text = text.trim();
    match text.parse::<i128>() {
        Ok(number) => Some(number.to_string()),
        Err(_) => text.parse::<f64>().ok().filter(|n| n.is_finite()).map(|number| format!("{:.0}", number.round())),
    }
}

/// With exactly so many digits behind the point.
fn fixed(text: &str, digits: usize) -> Option<String> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let whole = whole.trim_start_matches(['-', '+']);
    if !plain(whole) || !plain(fraction) || fraction.len() > digits {
        return text.parse::<f64>().ok().filter(|n| n.is_finite()).map(|number| format!("{number:.digits$}"));
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if digits == 0 { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction:0<digits$}"))
}

fn real(text: &str) -> Option<String> {
    let number = text.trim().parse::<f64>().ok().filter(|n| n.is_finite())?;
    let plain = number == 0.0 || (1e-10..1e15).contains(&number.abs());
    Some(if plain { number.to_string() } else { format!("{number:e}") })
}

fn year(text: &str) -> Option<String> {
    let number = text.trim().parse::<u32>().ok()?;
    Some(match number {
        1..=69 => format!("{}", 2000 + number),
        70..=99 => format!("{}", 1900 + number),
        other => format!("{other:04}"),
    })
}

/// Date, time and fraction of `2020-1-2 3:4`, `20200102` and their kin.
fn moment(text: &str) -> Option<(String, String, String)> {
    let text = text.trim();
    if text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let part = |from: usize, to: usize| text.get(from..to);
        let time = match text.len() {
            8 => "00:00:00".to_owned(),
            14 => format!("{}:{}:{}", part(8, 10)?, part(10, 12)?, part(12, 14)?),
            _ => return None,
        };
        return Some((format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?), time, String::new()));
    }
    let (date, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let numbers: Vec<u32> = date.split('-').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [year, month, day] = numbers[..] else { return None };
    let (time, fraction) = if rest.is_empty() { ("00:00:00".to_owned(), String::new()) } else { clock(rest)? };
    (date.len() >= 8 || year > 99).then(|| (format!("{year:04}-{month:02}-{day:02}"), time, fraction))
}

/// Time and fraction of `3:4`, `3:4:5.6`.
fn clock(text: &str) -> Option<(String, String)> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let numbers: Vec<u32> = whole.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let (hour, minute, second) = match numbers[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    Some((format!("{hour:02}:{minute:02}:{second:02}"), fraction.to_owned()))
}

/// As many digits as the type keeps.
fn fraction_of(fraction: &str, ty: &SqlType) -> String {
    let digits = ty.args.first().and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    let cut: String = fraction.chars().take(digits).collect();
    if digits == 0 { String::new() } else { format!(".{cut:0<digits$}") }
}

/// The label of an enum or set that is meant, whatever its letter case.
fn label(text: &str, ty: &SqlType) -> String {
    let labels = ty.args.iter().map(|arg| unquoted(arg));
    let text = text.trim_end_matches(' ');
    labels.into_iter().find(|label| label.to_lowercase() == text.to_lowercase()).unwrap_or_else(|| text.to_owned())
}

fn unquoted(arg: &str) -> String {
    tokens(arg).first().and_then(value).unwrap_or_else(|| arg.to_owned())
}

#[cfg(test)]
mod tests {
    use super::default_value;
    use crate::sql::mysql::column_type;

    #[test]
    fn constants_are_spelled_as_the_server_shows_them() {
        // The last column is what MariaDB 10.11 shows.
        let cases = [
            ("int", "'007'", "7"),
            ("int", "1.6", "2"),
            ("int", "(5)", "5"),
            ("int", "+5", "5"),
            ("int", "-1", "-1"),
            ("bigint", "0x10", "16"),
            ("tinyint(1)", "false", "0"),
            ("bigint unsigned", "18446744073709551615", "18446744073709551615"),
            ("decimal(6,2)", "'1.00'", "1.00"),
            ("decimal(6,2)", "3", "3.00"),
            ("decimal(5,1)", "-0.5", "-0.5"),
            ("float", ".5", "0.5"),
            ("float(7,3)", "1.5", "1.500"),
            ("double", "1e30", "1e30"),
            ("double", "1e3", "1000"),
            ("double", "1e-7", "0.0000001"),
            ("datetime", "'2020-1-2 3:4'", "'2020-01-02 03:04:00'"),
            ("datetime(6)", "'2020-01-02'", "'2020-01-02 00:00:00.000000'"),
            ("date", "20200101", "'2020-01-01'"),
            ("time", "'1:2'", "'01:02:00'"),
            ("year", "99", "1999"),
            ("bit(8)", "5", "b'101'"),
            ("bit(4)", "b'0101'", "b'101'"),
            ("enum('x','y')", "'X'", "'x'"),
            ("set('p','q')", "'q,p'", "'p,q'"),
            ("varchar(9)", "5", "'5'"),
            ("varchar(9)", r#""it's""#, "'it''s'"),
            ("text", r"'x\'y'", "'x''y'"),
            ("char(5)", "'ab  '", "'ab'"),
            ("datetime", "NOW()", "current_timestamp()"),
            ("datetime(6)", "CURRENT_TIMESTAMP(6)", "current_timestamp(6)"),
            ("varchar(36)", "uuid()", "uuid()"),
            ("int", "(1+1)", "(1+1)"),
        ];
        for (ty, written, shown) in cases {
            let found = default_value(written, &column_type(ty)).unwrap();
            assert_eq!(found.sql, shown, "{ty} {written}");
            assert_eq!(default_value(shown, &column_type(ty)), Some(found), "{ty} {shown}");
        }
        assert_eq!(default_value("NULL", &column_type("int")), None);
    }
}
