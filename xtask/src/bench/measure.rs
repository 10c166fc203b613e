//! Time of whole processes. CPU time comes from /proc/self/stat, which counts the children that
//! have ended in ticks of 10 ms: batches of many runs make that fine enough.

use std::process::{Command, Stdio};
use std::time::Instant;

use super::cases::Case;
use crate::shell::Result;

/// Clock ticks a second of Linux's user interface (proc(5), sysconf(_SC_CLK_TCK)).
const TICKS: f64 = 100.0;

/// What was measured, in milliseconds a run.
pub(crate) struct Figures {
    pub(crate) cpu: Spread,
    pub(crate) wall: Spread,
    pub(crate) batches: usize,
    pub(crate) runs: usize,
}

/// Over the batches.
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Figures {
    /// What one of so many times takes that are done beside what the floor does.
    pub(crate) fn beside(self, floor: &Self, times: f64) -> Self {
        let less = |of: &Spread, floor: &Spread| {
            let one = |value: f64| ((value - floor.median) / times).max(0.0);
            Spread { min: one(of.min), median: one(of.median), max: one(of.max) }
        };
        Self { cpu: less(&self.cpu, &floor.cpu), wall: less(&self.wall, &floor.wall), ..self }
    }
}

/// Runs a case: once to warm up, then in batches.
pub(crate) fn measure(case: &Case) -> Result<Figures> {
    run(case)?;
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for _ in 0..case.batches {
        let (before, start) = (children_ticks()?, Instant::now());
        for _ in 0..case.runs {
            run(case)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "a few runs")]
        let runs = case.runs as f64;
        wall.push(start.elapsed().as_secs_f64() * 1000.0 / runs);
        cpu.push((children_ticks()? - before) / TICKS * 1000.0 / runs);
    }
    Ok(Figures { cpu: spread(cpu), wall: spread(wall), batches: case.batches, runs: case.runs })
}

fn run(case: &Case) -> Result {
    let mut command = Command::new(&case.program);
    command
        .args(&case.args)
        .current_dir(&case.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    for (name, value) in &case.vars {
        command.env(name, value);
    }
    let status = command.status().map_err(|error| format!("cannot run {}: {error}", case.program.display()))?;
    match status.code() {
        Some(code) if code == case.ends => Ok(()),
        code => Err(format!("{}: `{} {}` ended with {code:?}", case.what, case.program.display(), case.args.join(" "))),
    }
}

/// User and system time of all children that have ended.
pub(super) fn children_ticks() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").map_err(|e| format!("no /proc/self/stat: {e}"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // proc(5): cutime and cstime are fields 16 and 17, and the first one here is field 3.
    let field = |n: usize| fields.get(n - 3).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
    Ok(field(16) + field(17))
}

/// The least, the middle and the largest.
pub(super) fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let at = |n: usize| values.get(n).copied().unwrap_or_default();
    Spread { min: at(0), median: at(values.len() / 2), max: at(values.len().saturating_sub(1)) }
}
