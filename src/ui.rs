//! The terminal: results on stdout, everything else on stderr, colours where they are wanted,
//! questions where somebody can answer. Nothing else prints.

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use owo_colors::{OwoColorize, Style};

use crate::error::{Error, Result};
use crate::report::Service;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    Always,
    Never,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    #[default]
    Human,
    Json,
    /// SQL statements (`schema`, `diff`).
    Sql,
    /// `table!` blocks (`schema`).
    Rust,
    /// `#[ops(…)]` attributes that describe the tables, for structs that derive OpsModel (`schema`).
    Ops,
    /// Annotations of GitHub Actions (`check`, `review`).
    Github,
    /// A Code Quality report of GitLab (`check`, `review`).
    Gitlab,
    /// SARIF 2.1.0 (`check`, `review`).
    Sarif,
    /// A comment for a pull request (`review`).
    Markdown,
}

impl Format {
    /// The service that a report is for.
    pub fn report(self) -> Option<Service> {
        match self {
            Self::Github => Some(Service::Github),
            Self::Gitlab => Some(Service::Gitlab),
            Self::Sarif => Some(Service::Sarif),
            Self::Human | Self::Json | Self::Sql | Self::Rust | Self::Ops | Self::Markdown => None,
        }
    }
}

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Strong,
    Good,
    Bad,
    Warn,
    Note,
    Faint,
}

/// The streams and how they are used.
pub struct Ui<'a> {
    pub stdout: &'a mut dyn Write,
    pub stderr: &'a mut dyn Write,
    pub stdin: &'a mut dyn BufRead,
    /// Whether a person sits at both ends: stdin and stderr are terminals.
    pub interactive: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    pub color: ColorChoice,
    pub no_color: bool,
    pub format: Format,
    pub quiet: bool,
    pub verbose: bool,
}

impl Ui<'_> {
    /// Writes a line of the result. A closed pipe ends the output, not the program.
    ///
    /// # Errors
    /// Where stdout cannot be written for another reason.
    pub fn line(&mut self, text: impl AsRef<str>) -> Result<()> {
        match writeln!(self.stdout, "{}", text.as_ref()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Error::undecided("cannot write to stdout").caused_by(error)),
            Ok(()) => Ok(()),
        }
    }

    /// Writes a value of the result as JSON, with a final newline.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn json(&mut self, value: &impl serde::Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::undecided("cannot print the result as JSON").caused_by(error))?;
        self.line(text)
    }

    /// Whether results are to be JSON.
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Tells what is going on, on stderr; silent when quiet.
    pub fn status(&mut self, text: impl AsRef<str>) {
        if !self.quiet {
            self.stderr_line(text.as_ref());
        }
    }

    /// Warns, on stderr.
    pub fn warn(&mut self, text: impl AsRef<str>) {
        let label = self.err_tone("warning", Tone::Warn);
        self.stderr_line(&format!("{label}: {}", text.as_ref()));
    }

    /// Gives a next step, on stderr.
    pub fn hint(&mut self, text: impl AsRef<str>) {
        let label = self.err_tone("hint", Tone::Note);
        self.stderr_line(&format!("{label}: {}", text.as_ref()));
    }

    /// Prints an error with its hints, on stderr.
    pub fn error(&mut self, error: &Error) {
        let label = self.err_tone("error", Tone::Bad);
        self.stderr_line(&format!("{label}: {error}"));
        for hint in &error.hints {
            self.hint(hint);
        }
    }

    /// Prints a line on stderr as it is, also when quiet.
    pub fn stderr_line(&mut self, text: &str) {
        // Nobody is left to tell when stderr itself is gone.
        let _ = writeln!(self.stderr, "{text}");
    }

    /// A text in a tone, for stdout.
    pub fn tone(&self, text: &str, tone: Tone) -> String {
        paint(text, tone, self.colored(self.stdout_is_terminal))
    }

    /// A text in a tone, for stderr.
    pub fn err_tone(&self, text: &str, tone: Tone) -> String {
        paint(text, tone, self.colored(self.stderr_is_terminal))
    }

    fn colored(&self, is_terminal: bool) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !self.no_color,
        }
    }

    /// Asks a question that takes one line; `None` without a terminal or at the end of input.
    ///
    /// # Errors
    /// Where stdin cannot be read.
    pub fn ask(&mut self, question: &str) -> Result<Option<String>> {
        if !self.interactive {
            return Ok(None);
        }
        let mark = self.err_tone("?", Tone::Note);
        let _ = write!(self.stderr, "{mark} {question} ");
        let _ = self.stderr.flush();
        let mut answer = String::new();
        let read = self.stdin.read_line(&mut answer)?;
        Ok((read > 0).then(|| answer.trim().to_owned()))
    }

    /// Asks for yes or no, no by default; `None` without a terminal.
    ///
    /// # Errors
    /// Where stdin cannot be read.
    pub fn confirm(&mut self, question: &str) -> Result<Option<bool>> {
        let answer = self.ask(&format!("{question} [y/N]"))?;
        Ok(answer.map(|a| matches!(a.to_ascii_lowercase().as_str(), "y" | "yes")))
    }

    /// A line for what is going on, empty at first; `None` where stderr is no terminal, and when quiet
    /// or where results are for a program.
    pub fn live_line(&self) -> Option<LiveLine> {
        if !self.stderr_is_terminal || self.quiet || self.is_json() {
            return None;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Some(LiveLine { bar })
    }

    /// Writes a value as one line of JSON, at once: an event of a run.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn event(&mut self, value: &impl serde::Serialize) -> Result<()> {
        let text = serde_json::to_string(value)
            .map_err(|error| Error::undecided("cannot print the result as JSON").caused_by(error))?;
        self.line(text)?;
        // A closed pipe ends the output, not the program.
        let _ = self.stdout.flush();
        Ok(())
    }

    /// A progress bar of `steps` that appears after half a second, on a terminal only.
    pub fn progress(&self, steps: u64) -> Progress {
        Progress { bar: None, steps, done: 0, started: Instant::now(), wanted: self.stderr_is_terminal && !self.quiet }
    }
}

/// A line on stderr that is drawn anew from any thread.
#[derive(Clone)]
pub struct LiveLine {
    bar: ProgressBar,
}

impl LiveLine {
    /// Shows a text; one that is too wide for the terminal is cut.
    pub fn say(&self, text: &str) {
        self.bar.set_message(text.to_owned());
        self.bar.tick();
    }

    /// Does something that prints, with the line out of the way.
    pub fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A progress bar that stays away from short work.
pub struct Progress {
    bar: Option<ProgressBar>,
    steps: u64,
    done: u64,
    started: Instant,
    wanted: bool,
}

impl Progress {
    /// Says which step runs now; the ones before it are done.
    pub fn step(&mut self, text: &str) {
        if self.wanted && self.bar.is_none() && self.started.elapsed() > Duration::from_millis(500) {
            let bar = ProgressBar::with_draw_target(Some(self.steps), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("[{bar:30}] {pos}/{len} {msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
            bar.set_message(text.to_owned());
        }
        self.done += 1;
    }

    /// Removes the bar.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn paint(text: &str, tone: Tone, colored: bool) -> String {
    if !colored {
        return text.to_owned();
    }
    let style = match tone {
        Tone::Plain => return text.to_owned(),
        Tone::Strong => Style::new().bold(),
        Tone::Good => Style::new().green(),
        Tone::Bad => Style::new().red().bold(),
        Tone::Warn => Style::new().yellow().bold(),
        Tone::Note => Style::new().cyan(),
        Tone::Faint => Style::new().dimmed(),
    };
    text.style(style).to_string()
}
