//! The URL of a server, `scheme://user:password@host:port/database?parameters`, read as strictly as
//! libpq reads it.

use super::percent::is_percent_encoded;
use super::{MASK, is_secret, malformed};
use crate::error::Result;

/// The parts of a URL, each as written.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Uri {
    pub(super) scheme: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) hosts: String,
    pub(super) database: Option<String>,
    pub(super) parameters: Vec<(String, String)>,
}

impl Uri {
    /// Reads what stands behind `://` as libpq does (PostgreSQL manual 34.1.1.2).
    pub(super) fn parse(scheme: &str, rest: &str) -> Result<Self> {
        let authority = &rest[..rest.find('/').unwrap_or(rest.len())];
        let (credentials, rest) = match authority.find('@') {
            Some(at) => (Some(&rest[..at]), &rest[at + 1..]),
            None => (None, rest),
        };
        let end_of_hosts = rest.find(['/', '?']).unwrap_or(rest.len());
        let (hosts, rest) = rest.split_at(end_of_hosts);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let database = path.strip_prefix('/').filter(|name| !name.is_empty());
        if [hosts, path, query].iter().any(|part| part.contains('@')) {
            return Err(malformed("it has an `@` behind the one that ends the password")
                .hint("write @ : / ? # % and spaces of a password percent-encoded: %40 %3A %2F %3F %23 %25 %20"));
        }
        check_hosts(hosts)?;
        let (user, password) = match credentials.map(|c| c.split_once(':').unwrap_or((c, ""))) {
            Some((user, password)) => (Some(user), (!password.is_empty()).then_some(password)),
            None => (None, None),
        };
        let parameters = parameters(query)?;
        let parts = [user, password, Some(hosts), database];
        let values = parameters.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
        if !parts.into_iter().flatten().chain(values).all(is_percent_encoded) {
            return Err(malformed("it has a `%` that is not followed by two hexadecimal digits")
                .hint("write a % of a password as %25"));
        }
        Ok(Self {
            scheme: scheme.to_owned(),
            user: user.map(str::to_owned),
            password: password.map(str::to_owned),
            hosts: hosts.to_owned(),
            database: database.map(str::to_owned),
            parameters,
        })
    }

    pub(super) fn text(&self, masked: bool) -> String {
        let mut text = format!("{}://", self.scheme);
        if let Some(user) = &self.user {
            text.push_str(user);
            if let Some(password) = &self.password {
                text.push(':');
                text.push_str(if masked { MASK } else { password });
            }
            text.push('@');
        }
        text.push_str(&self.hosts);
        if let Some(database) = &self.database {
            text.push('/');
            text.push_str(database);
        }
        for (at, (key, value)) in self.parameters.iter().enumerate() {
            text.push(if at == 0 { '?' } else { '&' });
            text.push_str(key);
            text.push('=');
            text.push_str(if masked && is_secret(key) { MASK } else { value });
        }
        text
    }
}

/// Each host of a comma-separated list, with an optional port; a host may be empty (libpq's
/// default socket), an IPv6 address in brackets may not.
fn check_hosts(hosts: &str) -> Result<()> {
    for host in hosts.split(',') {
        let port = if let Some(rest) = host.strip_prefix('[') {
            let Some((address, port)) = rest.split_once(']') else {
                return Err(malformed("an IPv6 address lacks its closing bracket"));
            };
            if address.is_empty() {
                return Err(malformed("the host between the brackets is empty"));
            }
            match (port.is_empty(), port.strip_prefix(':')) {
                (true, _) => "",
                (false, Some(port)) => port,
                (false, None) => return Err(malformed("only a port may follow the brackets of a host")),
            }
        } else {
            let (name, port) = host.split_once(':').unwrap_or((host, ""));
            if name.contains(|c: char| c.is_whitespace() || c == ']') {
                return Err(malformed("the host has a character that no host has"));
            }
            port
        };
        if !port.is_empty() && port.parse::<u16>().is_err() {
            return Err(malformed("the port is not a number below 65536")
                .hint("write @ : / ? # % and spaces of a password percent-encoded: %40 %3A %2F %3F %23 %25 %20"));
        }
    }
    Ok(())
}

fn parameters(query: &str) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for part in query.split('&').filter(|p| !p.is_empty()) {
        let Some((key, value)) = part.split_once('=') else {
            return Err(malformed("a parameter behind the `?` has no `=`"));
        };
        if value.contains('=') || key.is_empty() {
            return Err(
                malformed("a parameter behind the `?` is not `name=value`").hint("write an = inside a value as %3D")
            );
        }
        pairs.push((key.to_owned(), value.to_owned()));
    }
    Ok(pairs)
}
