//! Database URLs: which engine a text means, and how it is shown and passed on without its
//! password ever reaching a message. The texts of the drivers' own URL errors are never shown:
//! libpq prints the password in some of them, so everything that it would refuse is refused here
//! first. Connecting is [`super::Database`]'s work.

mod conninfo;
mod percent;
#[cfg(test)]
mod tests;
mod uri;

use std::fmt;
use std::path::{Path, PathBuf};

use self::conninfo::{conninfo, conninfo_quoted, conninfo_text, is_conninfo};
use self::percent::{decoded, is_percent_encoded, percent_encode};
use self::uri::Uri;
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// What stands where a password was.
const MASK: &str = "***";

/// Where a database is. `Display` and `Debug` never show a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    dialect: Dialect,
    target: Target,
}

#[derive(Clone, PartialEq, Eq)]
enum Target {
    Uri(Uri),
    /// libpq's `host=… dbname=…`, values unquoted.
    Conninfo(Vec<(String, String)>),
    /// An SQLite file and the parameters of its URI (`mode=ro`).
    File {
        path: PathBuf,
        query: Option<String>,
    },
    /// An SQLite database in memory, as written.
    Memory(String),
}

impl DatabaseUrl {
    /// Reads a URL, a libpq connection string, or the path of an SQLite file.
    ///
    /// # Errors
    /// `Undecided`, never with any part of the text but its scheme.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(malformed("it is empty"));
        }
        if text.contains('\0') {
            return Err(malformed("it contains a NUL character"));
        }
        if text.starts_with(['"', '\'']) {
            return Err(malformed("it starts with a quote").hint("write it without quotes around it"));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            match scheme {
                "postgres" | "postgresql" => {
                    return Uri::parse(scheme, rest).map(|uri| Self::uri(Dialect::Postgres, uri));
                }
                "mysql" | "mariadb" => return Uri::parse(scheme, rest).map(|uri| Self::uri(Dialect::Mysql, uri)),
                "sqlite" => return sqlite_uri(rest),
                "file" => return sqlite_uri(&format!("//{rest}")),
                _ => {}
            }
        }
        if let Some(rest) = text.strip_prefix("file:") {
            return sqlite_uri(rest);
        }
        if is_conninfo(text) {
            return conninfo(text).map(|pairs| Self { dialect: Dialect::Postgres, target: Target::Conninfo(pairs) });
        }
        sqlite_path(text)
    }

    /// The URL of an SQLite file.
    pub fn sqlite_file(path: impl Into<PathBuf>) -> Self {
        Self { dialect: Dialect::Sqlite, target: Target::File { path: path.into(), query: None } }
    }

    /// An SQLite database in memory.
    pub fn sqlite_memory() -> Self {
        Self { dialect: Dialect::Sqlite, target: Target::Memory(":memory:".to_owned()) }
    }

    /// Which of a server's databases it means, where its path says so.
    pub(crate) fn database(&self) -> Option<String> {
        match &self.target {
            Target::Uri(uri) => uri.database.as_deref().map(decoded),
            _ => None,
        }
    }

    fn uri(dialect: Dialect, uri: Uri) -> Self {
        Self { dialect, target: Target::Uri(uri) }
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The path of an SQLite file; `None` for servers and memory.
    pub fn path(&self) -> Option<&Path> {
        match &self.target {
            Target::File { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Whether it is on this machine: a file, a socket, a loopback address.
    pub fn is_local(&self) -> bool {
        let is_loopback =
            |host: &str| host.is_empty() || host.starts_with('/') || ["localhost", "127.0.0.1", "::1"].contains(&host);
        let without_port = |host: &str| match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            Some((host, _)) => host.to_owned(),
            None => decoded(host.split(':').next().unwrap_or_default()),
        };
        let is_host = |key: &String| matches!(key.as_str(), "host" | "hostaddr");
        match &self.target {
            Target::File { .. } | Target::Memory(_) => true,
            Target::Conninfo(pairs) => {
                pairs.iter().filter(|(key, _)| is_host(key)).all(|(_, hosts)| hosts.split(',').all(is_loopback))
            }
            Target::Uri(uri) => {
                let named = uri.parameters.iter().filter(|(key, _)| is_host(key)).map(|(_, hosts)| decoded(hosts));
                let all: Vec<String> = uri.hosts.split(',').map(without_port).chain(named).collect();
                all.iter().all(|hosts| hosts.split(',').all(is_loopback))
            }
        }
    }

    /// The same with a relative SQLite path put below `dir`; other URLs as they are.
    #[must_use]
    pub fn resolved(mut self, dir: &Path) -> Self {
        if let Target::File { path, .. } = &mut self.target
            && path.is_relative()
        {
            *path = dir.join(&*path);
        }
        self
    }

    /// Another database of the same server; SQLite URLs as they are.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut other = self.clone();
        match &mut other.target {
            Target::Uri(uri) => {
                uri.database = Some(percent_encode(name, true));
                uri.parameters.retain(|(key, _)| key != "dbname");
            }
            Target::Conninfo(pairs) => {
                pairs.retain(|(key, _)| key != "dbname");
                pairs.push(("dbname".to_owned(), name.to_owned()));
            }
            Target::File { .. } | Target::Memory(_) => {}
        }
        other
    }

    /// The passwords in it, decoded.
    pub fn secrets(&self) -> Vec<String> {
        match &self.target {
            Target::Uri(uri) => {
                let parameters = uri.parameters.iter().filter(|(key, _)| is_secret(key)).map(|(_, value)| value);
                uri.password.iter().chain(parameters).map(|raw| decoded(raw)).filter(|s| !s.is_empty()).collect()
            }
            Target::Conninfo(pairs) => pairs
                .iter()
                .filter(|(key, value)| is_secret(key) && !value.is_empty())
                .map(|(_, value)| value.clone())
                .collect(),
            Target::File { .. } | Target::Memory(_) => Vec::new(),
        }
    }

    /// `text` without the passwords, in whatever form they stand there: raw, percent-encoded,
    /// quoted for libpq. A password that is also the user's or the database's name is hidden only
    /// where it stands as a password, since the rest of the text would make no sense.
    pub fn scrub(&self, text: &str) -> String {
        let mut clean = text.replace(&self.driver_text(), &self.to_string());
        let public = self.public_words();
        let mut forms: Vec<(String, bool)> = Vec::new();
        for secret in self.secrets() {
            let open = public.contains(&secret);
            forms.extend(spellings(&secret).into_iter().map(|form| (form, open)));
        }
        if let Target::Uri(Uri { password: Some(raw), .. }) = &self.target
            && !raw.is_empty()
        {
            forms.push((raw.clone(), public.contains(&decoded(raw))));
        }
        forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        for (form, open) in forms {
            clean = if open {
                clean.replace(&format!(":{form}@"), &format!(":{MASK}@"))
            } else if form.chars().count() < 4 {
                replace_word(&clean, &form)
            } else {
                clean.replace(&form, MASK)
            };
        }
        clean
    }

    /// Names that messages show anyway.
    fn public_words(&self) -> Vec<String> {
        match &self.target {
            Target::Uri(uri) => [&uri.user, &uri.database].into_iter().flatten().map(|raw| decoded(raw)).collect(),
            Target::Conninfo(pairs) => pairs
                .iter()
                .filter(|(key, _)| key == "user" || key == "dbname")
                .map(|(_, value)| value.clone())
                .collect(),
            Target::File { .. } | Target::Memory(_) => Vec::new(),
        }
    }

    /// The text for the driver, with the password; never to be shown.
    pub(super) fn driver_text(&self) -> String {
        match &self.target {
            // Diesel knows only one name for both servers.
            Target::Uri(uri) if uri.scheme == "mariadb" => {
                Uri { scheme: "mysql".to_owned(), ..uri.clone() }.text(false)
            }
            Target::Uri(uri) => uri.text(false),
            Target::Conninfo(pairs) => conninfo_text(pairs, false),
            Target::File { path, query: None } => path.display().to_string(),
            Target::File { path, query: Some(query) } => format!("{}?{query}", file_uri(path)),
            Target::Memory(text) => text.clone(),
        }
    }

    /// The text for the driver with settings that hold for the whole session, unless the user
    /// gave them.
    pub(super) fn driver_text_with(&self, settings: &[(&str, &str)]) -> String {
        let add = |pairs: &mut Vec<(String, String)>| {
            for (key, value) in settings {
                if !pairs.iter().any(|(given, _)| given == key) {
                    pairs.push(((*key).to_owned(), (*value).to_owned()));
                }
            }
        };
        let mut other = self.clone();
        match &mut other.target {
            Target::Uri(uri) => add(&mut uri.parameters),
            Target::Conninfo(pairs) => add(pairs),
            Target::File { path, query } => {
                let given = query.clone().unwrap_or_default();
                let mut all: Vec<String> = given.split('&').filter(|p| !p.is_empty()).map(str::to_owned).collect();
                for (key, value) in settings {
                    if !all.iter().any(|p| p.split('=').next() == Some(key)) {
                        all.push(format!("{key}={value}"));
                    }
                }
                return format!("{}?{}", file_uri(path), all.join("&"));
            }
            Target::Memory(_) => {}
        }
        other.driver_text()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Uri(uri) => f.write_str(&uri.text(true)),
            Target::Conninfo(pairs) => f.write_str(&conninfo_text(pairs, true)),
            Target::File { path, .. } => write!(f, "{}", path.display()),
            Target::Memory(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

fn malformed(why: &str) -> Error {
    Error::undecided(format!("the database URL cannot be read: {why}")).hint(
        "it looks like postgres://user:password@host/database, mysql://user:password@host/database, sqlite://path/to/file.db, or the path of an SQLite file",
    )
}

/// What follows `sqlite://` or `file:`; Diesel reads the first as the second.
fn sqlite_uri(rest: &str) -> Result<DatabaseUrl> {
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let path = path.split('#').next().unwrap_or(path);
    // `file:///a/b` and `file://localhost/a/b` are `/a/b` (sqlite.org/uri.html).
    let path = match path.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").filter(|p| p.starts_with('/')).unwrap_or(rest),
        None => path,
    };
    if !is_percent_encoded(path) {
        return Err(malformed("it has a `%` that is not followed by two hexadecimal digits"));
    }
    let memory = path == ":memory:" || query.is_some_and(|q| q.split('&').any(|p| p == "mode=memory"));
    let target = if memory {
        let query = query.map(|q| format!("?{q}")).unwrap_or_default();
        Target::Memory(if path == ":memory:" && query.is_empty() {
            path.to_owned()
        } else {
            format!("file:{path}{query}")
        })
    } else if path.is_empty() {
        return Err(malformed("it names no file"));
    } else {
        Target::File { path: PathBuf::from(decoded(path)), query: query.filter(|q| !q.is_empty()).map(str::to_owned) }
    };
    Ok(DatabaseUrl { dialect: Dialect::Sqlite, target })
}

/// A path; what looks like a URL gone wrong is refused, since a file of that name would show it.
fn sqlite_path(text: &str) -> Result<DatabaseUrl> {
    if text == ":memory:" {
        return Ok(DatabaseUrl::sqlite_memory());
    }
    let first = text.split(['/', '\\']).next().unwrap_or(text);
    if let Some((head, _)) = first.split_once(':')
        && head.len() > 1
    {
        let scheme = head.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        let known = scheme && Dialect::from_name(head).is_some();
        return Err(match (known, scheme && text[head.len()..].starts_with("://")) {
            (true, _) => malformed(&format!("`{head}:` has to be followed by two slashes, in lower case")),
            (false, true) => malformed(&format!("`{head}` is no database that is known here")),
            (false, false) => malformed("it has a colon and no scheme that is known here"),
        });
    }
    if text.contains('@') && text.contains(':') {
        return Err(malformed("it has no scheme"));
    }
    Ok(DatabaseUrl::sqlite_file(text))
}

/// `file:` and the path, with what SQLite would read as syntax encoded.
fn file_uri(path: &Path) -> String {
    format!("file:{}", percent_encode(&path.display().to_string(), false))
}

fn is_secret(key: &str) -> bool {
    matches!(key, "password" | "sslpassword" | "passwd" | "oauth_client_secret")
}

/// The forms in which a password may turn up in a text.
fn spellings(secret: &str) -> Vec<String> {
    let encoded = percent_encode(secret, true);
    let mut forms = vec![
        secret.to_owned(),
        encoded.to_ascii_lowercase(),
        lower_hex(&encoded),
        encoded,
        conninfo_quoted(secret).trim_matches('\'').to_owned(),
        secret.replace('\'', "''"),
    ];
    forms.sort();
    forms.dedup();
    forms
}

/// The same with the digits of its `%XX` in lower case.
fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_at(part.len().min(2));
        out = format!("{out}%{}{rest}", hex.to_ascii_lowercase());
    }
    out
}

/// Replaces a very short secret only where it stands by itself: elsewhere it is a letter.
fn replace_word(text: &str, word: &str) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let end = at + word.len();
        let before = rest[..at].chars().next_back().or_else(|| clean.chars().next_back());
        let bounded = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        clean.push_str(&rest[..at]);
        clean.push_str(if bounded(before) && bounded(rest[end..].chars().next()) { MASK } else { word });
        rest = &rest[end..];
    }
    clean + rest
}
