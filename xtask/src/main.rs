//! Chores of this repository, one file each: `cargo xtask <task>`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the person who runs it")]
#![allow(clippy::disallowed_methods, reason = "a task is its own outermost layer")]

mod bench;
mod binary;
mod ci;
mod corpus;
mod creates;
mod demo;
mod histories;
mod managers;
mod print_schema;
#[allow(dead_code, reason = "the tests share it, and kill what they start")]
mod servers;
mod shell;
mod test;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <task>

  demo            the main job end to end, on SQLite, in a scratch git repository
  test            the whole suite, with the servers and the hook managers that it needs
  test --quick    the part without them
  test WORD…      of either only the tests whose path contains a word
  test --faults [N]  kills at every side effect, and at N random moments, on each engine (1000)
  managers        the tests under pre-commit, prek and lefthook, which it installs (PyPI)
  ci              fmt, clippy, docs, the whole suite, the demo
  bench           the figures of BENCHMARKS.md  [--peers] [--write]
  bench --runs [N]   N revisions applied (1000), beside $DIESEL, $SQLX and $ALEMBIC
  bench --faults-of-peers [N]  N kills (100), crowds, cuts and readers, beside the same peers
  corpus PATH…    the replay against real engines, on checkouts of other projects
  creates PATH…   `create` again for every commit of other histories that added a revision
  histories PATH… the gate over every commit and merge of other repositories  [--forget N]
  print-schema    what the diesel CLI prints for tests/print_schema ($DIESEL, else installed)
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| args.iter().skip(1).any(|arg| arg == name);
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).filter(|arg| !arg.starts_with('-')).collect();
    let task = if flag("--help") || flag("-h") { None } else { args.first().map(String::as_str) };
    let result = match task {
        Some("demo") => demo::run(),
        Some("test") if flag("--faults") => {
            test::faults(args.iter().skip(1).find(|arg| arg.parse::<u32>().is_ok()).map_or("1000", String::as_str))
        }
        Some("test") => test::run(flag("--quick"), &words),
        Some("managers") => managers::run(),
        Some("ci") => ci::run(),
        Some("print-schema") => print_schema::run(),
        Some("bench") if flag("--faults-of-peers") => bench::faults_of_peers(
            args.iter().skip(1).find(|arg| arg.parse::<u32>().is_ok()).map_or("100", String::as_str),
        ),
        Some("bench") if flag("--runs") => {
            bench::runs::run(args.iter().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(1_000))
        }
        Some("bench") => bench::run(flag("--peers"), flag("--write")),
        Some("corpus") => corpus::run(&args[1..]),
        Some("creates") => creates::run(&args[1..]),
        Some("histories") => histories::run(&args[1..]),
        None | Some("help" | "-h" | "--help") => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("no task {other}\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
