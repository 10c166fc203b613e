//! The figures of BENCHMARKS.md: whole processes of the release binary on generated projects, CPU
//! (user and system of the process and its children) and wall time, each beside its target.

mod cases;
mod measure;
pub(crate) mod peers;
pub(crate) mod runs;
mod tool;

use std::fmt::Write as _;
use std::path::Path;

use self::cases::Case;
use self::measure::Figures;
use crate::binary;
use crate::servers::{Mariadb, Postgres, Server};
use crate::shell::{self, Result, command, root};
use crate::test::WITH_FAILPOINTS;

/// What becomes of other tools, and of ours, under the same faults: `kills` moments on each engine.
pub(crate) fn faults_of_peers(kills: &str) -> Result {
    let ours = std::env::var_os("OURS").map_or_else(binary::release, |binary| Ok(binary.into()))?;
    let (postgres, mariadb) = (Server::<Postgres>::start()?, Server::<Mariadb>::start()?);
    let mut program = command(&root(), "cargo", &["run", "--example", "faults"]);
    program.args(WITH_FAILPOINTS).args(["--", kills]).env("OURS", ours);
    shell::run(program.envs([postgres.variable(), mariadb.variable()]))
}

/// One line of the table.
struct Row {
    what: String,
    target: Option<f64>,
    figures: Figures,
}

/// Measures, prints the table, and writes BENCHMARKS.md where asked.
pub(crate) fn run(with_peers: bool, write: bool) -> Result {
    let binary = binary::release()?;
    let scratch = tempfile::Builder::new().prefix("ops-migrate-bench-").tempdir().map_err(|e| e.to_string())?;
    let servers = cases::Servers::start()?;
    let mut rows = Vec::new();
    let all = [cases::all(scratch.path(), &binary)?, cases::histories(scratch.path(), &servers)?];
    for case in all.into_iter().flatten() {
        let before = rows.last();
        let row = measured(&case, before)?;
        rows.push(row);
    }
    let mut notes = Vec::new();
    if with_peers {
        for case in peers::all(scratch.path(), &mut notes)? {
            rows.push(measured(&case, None)?);
        }
    }
    let text = table(&rows, &notes);
    println!("\n{text}");
    if write {
        let path = root().join("BENCHMARKS.md");
        // What other tasks have found out stands behind it, in sections of its own.
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        let sections = known.find("\n## ").map(|at| &known[at..]).unwrap_or_default();
        std::fs::write(&path, document(&text)? + sections).map_err(|e| e.to_string())?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

fn measured(case: &Case, before: Option<&Row>) -> Result<Row> {
    let mut figures = measure::measure(case)?;
    if let (Some(times), Some(before)) = (case.beside, before) {
        figures = figures.beside(&before.figures, times);
    }
    println!("{:<64} {:>8.1} ms CPU {:>8.1} ms wall", case.what, figures.cpu.median, figures.wall.median);
    Ok(Row { what: case.what.clone(), target: case.target, figures })
}

fn table(rows: &[Row], notes: &[String]) -> String {
    let mut text = String::from(
        "| what | target, ms CPU | CPU median | CPU min-max | wall median | batches x runs |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let target = row.target.map_or(String::new(), |t| format!("{t:.0}"));
        let Figures { cpu, wall, batches, runs } = &row.figures;
        let _ = writeln!(
            text,
            "| {} | {target} | {:.1} | {:.1}-{:.1} | {:.1} | {batches} x {runs} |",
            row.what, cpu.median, cpu.min, cpu.max, wall.median
        );
    }
    for note in notes {
        let _ = writeln!(text, "\n{note}");
    }
    text
}

fn document(table: &str) -> Result<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|l| l.strip_prefix("model name")?.split_once(':')).map_or("unknown", |(_, m)| m.trim());
    let cores = cpu.lines().filter(|l| l.starts_with("processor")).count();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().next().and_then(|l| l.split_whitespace().nth(1)).and_then(|kb| kb.parse::<u64>().ok());
    let here = Path::new("/");
    let kernel = shell::output(&mut command(here, "uname", &["-sr"]))?;
    let git = shell::output(&mut command(here, "git", &["--version"]))?;
    let rustc = shell::output(&mut command(&root(), "rustc", &["--version"]))?;
    Ok(format!(
        "# Benchmarks\n\n\
         Written by `cargo xtask bench --write` (`--peers` installs and measures other tools in the same run). Whole processes of the\n\
         release binary: CPU is user plus system time of the process and all its children, from the kernel's accounting in ticks of\n\
         10 ms, over batches of runs. Figures drift from machine to machine and with load; trust the ratios.\n\n\
         Machine: {model}, {cores} cores, {} GiB; {}; {}; {}.\n\n{table}",
        memory.unwrap_or_default() / 1024 / 1024,
        kernel.trim(),
        git.trim(),
        rustc.trim()
    ))
}
