//! The replay beside a server: what both make of the same script, for the tests of each dialect that
//! has one.

use std::cell::RefCell;

use expect_test::Expect;

use crate::catalog::Catalog;
use crate::db::Database;
use crate::db::introspect::introspect;
use crate::db::scratch::Scratch;
use crate::db::testing::empty;
use crate::proof::drift;

/// A case of the unit tests: it gives its scripts to what it is given.
pub(super) type Case = fn(&dyn Fn(&str, &Expect));

/// What the server has otherwise than the replay of `sql`, one a line. The replay may be unsure of
/// everything only for one of these reasons.
pub(super) fn compared(server: &mut Database, sql: &str, reasons: &[&str]) -> String {
    let mut catalog = Catalog::empty(server.dialect());
    if let Err(error) = super::apply(&mut catalog, sql, "up.sql") {
        return error.to_string();
    }
    let everything = catalog.uncertain.iter().find(|u| u.objects.is_empty()).map(|u| u.reason.clone());
    let unexpected = everything.filter(|found| !reasons.iter().any(|reason| found.contains(reason)));
    assert_eq!(unexpected, None, "{sql}");
    drift(&catalog, &introspect(server).unwrap()).join("\n")
}

/// Runs cases of the unit tests on one database.
pub(super) fn check_all(scratch: Scratch, cases: &[Case], reasons: &[&str]) {
    let scratch = RefCell::new(scratch);
    for case in cases {
        case(&|sql, _| {
            let mut scratch = scratch.borrow_mut();
            let server = scratch.database();
            empty(server);
            server.execute(sql).unwrap_or_else(|error| panic!("{sql}\n{error:?}"));
            assert_eq!(compared(server, sql, reasons), "", "{sql}");
        });
    }
}
