//! libpq's connection strings: `host=… dbname=…`.

use super::{MASK, is_secret, malformed};
use crate::error::Result;

pub(super) fn is_conninfo(text: &str) -> bool {
    text.split_once('=').is_some_and(|(key, _)| CONNINFO_KEYS.contains(&key.trim()))
}

/// Connection parameters with which a connection string may start (PostgreSQL manual 34.1.2).
const CONNINFO_KEYS: &[&str] = &[
    "application_name",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "passfile",
    "password",
    "port",
    "service",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "user",
];

/// Reads `key = value` pairs; values may stand in single quotes with `\'` and `\\` inside
/// (PostgreSQL manual 34.1.1.1).
pub(super) fn conninfo(text: &str) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return Ok(pairs);
        }
        let mut key = String::new();
        while let Some(c) = chars.next_if(|c| *c != '=' && !c.is_whitespace()) {
            key.push(c);
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.next() != Some('=') || key.is_empty() || !key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return Err(malformed("a part of the connection string is not `name=value`")
                .hint("put single quotes around a value with spaces, and a backslash before a quote in it"));
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let value = conninfo_value(&mut chars)?;
        if key == "dbname" && (value.contains("://") || value.contains('=')) {
            return Err(malformed("`dbname` holds another connection string"));
        }
        pairs.push((key, value));
    }
}

fn conninfo_value(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String> {
    let quoted = chars.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match chars.next() {
            Some('\\') => value.extend(chars.next()),
            Some('\'') if quoted => return Ok(value),
            Some(c) if !quoted && c.is_whitespace() => return Ok(value),
            Some(c) => value.push(c),
            None if quoted => return Err(malformed("a quoted value of the connection string is not closed")),
            None => return Ok(value),
        }
    }
}

pub(super) fn conninfo_text(pairs: &[(String, String)], masked: bool) -> String {
    let one = |(key, value): &(String, String)| {
        if masked && is_secret(key) {
            return format!("{key}={MASK}");
        }
        let plain = !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c == '\'' || c == '\\');
        if plain { format!("{key}={value}") } else { format!("{key}={}", conninfo_quoted(value)) }
    };
    pairs.iter().map(one).collect::<Vec<_>>().join(" ")
}

pub(super) fn conninfo_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}
