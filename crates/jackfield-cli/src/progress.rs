//! A progress bar for long work. It appears only if stderr is a terminal.

use std::io::IsTerminal as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jackfield_build::{Job, Stage, Watcher};

/// The time before the bar appears. Shorter work shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A progress bar that appears if the work takes long.
pub(crate) struct Progress {
    /// The channel to the drawing thread. The message `None` means that the work is done.
    stages: Option<Sender<Option<Stage>>>,
    drawer: Option<JoinHandle<()>>,
}

impl Progress {
    pub(crate) fn start() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { stages: None, drawer: None };
        }
        let (stages, told) = channel();
        let drawer = std::thread::spawn(move || {
            let mut stage = Stage::Reading;
            let mut bar: Option<ProgressBar> = None;
            loop {
                match told.recv_timeout(PATIENCE) {
                    Ok(Some(next)) => stage = next,
                    Err(RecvTimeoutError::Timeout) => {
                        bar.get_or_insert_with(draw);
                    }
                    Ok(None) | Err(RecvTimeoutError::Disconnected) => break,
                }
                if let Some(bar) = &bar {
                    let done = Stage::ALL.iter().position(|one| *one == stage).unwrap_or(0);
                    bar.set_position(done as u64);
                    bar.set_message(stage.as_str());
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        Self { stages: Some(stages), drawer: Some(drawer) }
    }

    /// Does work on a job, and shows the progress.
    pub(crate) fn during<T>(mut job: Job, work: impl FnOnce(&Job) -> T) -> T {
        let progress = Self::start();
        job.watcher = progress.watcher();
        let done = work(&job);
        progress.end();
        done
    }

    /// Returns the callback through which a job reports its stages.
    pub(crate) fn watcher(&self) -> Watcher {
        match self.stages.clone() {
            Some(stages) => Watcher::new(move |stage| {
                // Sending fails only if the drawing thread has ended, which is harmless.
                let _ = stages.send(Some(stage));
            }),
            None => Watcher::default(),
        }
    }

    /// Removes the bar.
    pub(crate) fn end(self) {
        if let (Some(stages), Some(drawer)) = (self.stages, self.drawer) {
            // Both calls fail only if the drawing thread has already ended.
            let _ = stages.send(None);
            let _ = drawer.join();
        }
    }
}

fn draw() -> ProgressBar {
    let bar = ProgressBar::new(Stage::ALL.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bar:24} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar
}
