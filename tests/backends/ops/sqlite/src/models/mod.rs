//! What the backend reads and writes. A struct is a view of a table, seldom all of it.

pub mod agreements;
pub mod cans;
pub mod history;
pub mod people;
pub mod portfolios;
pub mod procurement;
pub mod shared;
