//! The live line of a run: which step it is at, for how long, what the server waits for and how far
//! it has come. A thread of its own draws it, since the one that works is inside of a statement. On
//! a terminal only; short work never shows it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::db::watch::{Session, Watcher};
use crate::ui::LiveLine;

/// How often it is drawn.
const TICK: Duration = Duration::from_millis(500);

/// A run that is shorter than this shows nothing.
const SILENT: Duration = Duration::from_millis(500);

/// From then on a step's own time is shown, and the server asked about it.
const LONG: Duration = Duration::from_secs(2);

/// What the thread is told.
enum News {
    Step(String),
    /// How far a step has come that tells so itself.
    Progress(String),
    Idle,
}

/// The line; dropping it takes it away.
pub struct Live {
    line: Option<LiveLine>,
    sender: Option<Sender<News>>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Begins to watch a session; does nothing where there is no terminal.
    pub fn start(session: impl FnOnce() -> Option<Session>, cx: &Context) -> Self {
        let Some(line) = cx.ui.live_line() else { return Self { line: None, sender: None, thread: None } };
        let (sender, receiver) = channel();
        let (drawn, session) = (line.clone(), session());
        let thread = std::thread::Builder::new().spawn(move || draw(&drawn, session.as_ref(), &receiver)).ok();
        Self { line: Some(line), sender: Some(sender), thread }
    }

    /// A step begins.
    pub fn step(&self, name: &str, number: usize, total: usize) {
        self.tell(News::Step(format!("[{number}/{total}] {name}")));
    }

    /// A step tells how far it is.
    pub fn progress(&self, text: String) {
        self.tell(News::Progress(text));
    }

    /// A step has ended.
    pub fn idle(&self) {
        self.tell(News::Idle);
    }

    /// Does something that prints, with the line out of the way.
    pub fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        match &self.line {
            Some(line) => line.aside(act),
            None => act(),
        }
    }

    fn tell(&self, news: News) {
        if let Some(sender) = &self.sender {
            // Fails only where the thread is gone, which nobody misses.
            let _ = sender.send(news);
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if let Some(line) = &self.line {
            line.clear();
        }
    }
}

/// What the line says now.
struct Shown {
    name: String,
    began: Instant,
    progress: Option<String>,
}

fn draw(line: &LiveLine, session: Option<&Session>, news: &Receiver<News>) {
    let began = Instant::now();
    let mut shown: Option<Shown> = None;
    let mut watcher: Option<Option<Watcher>> = None;
    loop {
        match news.recv_timeout(TICK) {
            Ok(News::Step(name)) => shown = Some(Shown { name, began: Instant::now(), progress: None }),
            Ok(News::Progress(text)) => {
                if let Some(shown) = &mut shown {
                    shown.progress = Some(text);
                }
            }
            Ok(News::Idle) => shown = None,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let Some(shown) = &shown else { continue };
        if began.elapsed() < SILENT {
            continue;
        }
        let elapsed = shown.began.elapsed();
        let seen = if elapsed < LONG {
            None
        } else {
            // Connects once, at the first long statement; a server that refuses is left alone.
            let watcher = watcher.get_or_insert_with(|| session.and_then(|session| Watcher::open(session).ok()));
            watcher.as_mut().and_then(Watcher::look)
        };
        line.say(&text(shown, elapsed, seen));
    }
}

fn text(shown: &Shown, elapsed: Duration, seen: Option<String>) -> String {
    let time = (elapsed >= LONG).then(|| elapsed_text(elapsed));
    let parts: Vec<String> = time.into_iter().chain(shown.progress.clone()).chain(seen).collect();
    if parts.is_empty() { shown.name.clone() } else { format!("{}: {}", shown.name, parts.join(", ")) }
}

/// Whole seconds, or minutes and seconds.
fn elapsed_text(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        seconds if seconds < 60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Shown, text};

    #[test]
    fn the_line_grows_with_what_is_known() {
        let mut shown = Shown { name: "[1/2] a".to_owned(), began: Instant::now(), progress: None };
        let seconds = Duration::from_secs;
        assert_eq!(text(&shown, seconds(1), None), "[1/2] a");
        assert_eq!(text(&shown, seconds(3), None), "[1/2] a: 3 s");
        let seen = Some("45 % of create index (building index)".to_owned());
        assert_eq!(text(&shown, seconds(75), seen), "[1/2] a: 1 min 15 s, 45 % of create index (building index)");
        shown.progress = Some("2000 rows".to_owned());
        assert_eq!(text(&shown, seconds(1), None), "[1/2] a: 2000 rows");
    }
}
