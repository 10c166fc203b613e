//! Whether an expression gives each row its own value. Of the functions that come with PostgreSQL
//! those are named here that are volatile and make sense as a default (`provolatile` in pg_proc);
//! functions of the schema say it themselves.

use crate::catalog::Catalog;
use crate::sql::postgres::{TokenKind, ident, tokens};

const VOLATILE: &[&str] = &[
    "clock_timestamp",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "lastval",
    "nextval",
    "random",
    "random_normal",
    "timeofday",
    "txid_current",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// Whether the server has to compute it row by row.
pub(super) fn is_volatile(expression: &str, catalog: &Catalog) -> bool {
    let tokens = tokens(expression);
    let called = tokens.windows(2).filter(|pair| pair[0].kind == TokenKind::Word && pair[1].text == "(");
    called.map(|pair| ident(pair[0].text)).any(|name| VOLATILE.contains(&name.as_str()) || is_own(&name, catalog))
}

/// A function of the schema is volatile unless it says otherwise (PostgreSQL manual 38.7).
fn is_own(name: &str, catalog: &Catalog) -> bool {
    let function = catalog.functions.values().find(|f| f.name.name.split('(').next() == Some(name));
    function.is_some_and(|function| {
        let words = function.sql.to_lowercase();
        // The planner puts the body of a plain SQL function in its place, and judges that.
        let is_inlined = words.contains("language sql") && !VOLATILE.iter().any(|name| words.contains(name));
        !is_inlined && !words.contains("immutable") && !words.contains("stable")
    })
}
