//! Database migrations for Diesel backends: `cargo ops-migrate`.
//!
//! Data flows one way:
//!
//! ```text
//! make:  project -> models -> desired catalog -> diff against baseline -> operations -> script -> review -> files -> proof
//! gate:  index or tree -> chain + models in it -> drift -> verdict
//! run:   chain + applied versions -> plan -> runner -> events -> screen
//! ```
//!
//! The core is values in, values out; one file or folder stands for each outside thing; one file
//! for each subcommand. ARCHITECTURE.md has the map and what each part must never know.

// The world and the command line.
pub mod error;

// Core: values in, values out.
pub mod catalog;
pub mod chain;
pub mod compose;
pub mod dialect;
pub mod diff;
pub mod explain;
pub mod gate;
pub mod hooks;
pub mod layout;
pub mod make;
pub mod models;
pub mod operation;
pub mod place;
pub mod render;
pub mod replay;
pub mod review;
pub mod snapshot;
pub mod sql;
pub mod tree;

// Edges: one for each outside thing.
pub mod db;
pub mod git;
pub mod judge;
pub mod project;
pub mod proof;
pub mod runner;
pub mod store;
