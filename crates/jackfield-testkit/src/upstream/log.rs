//! Every line that anything logs while tests run, in the file that `JACKFIELD_TEST_LOG` names: what looks for leaks reads it.

use std::fs::OpenOptions;
use std::sync::{Mutex, Once};

static STARTED: Once = Once::new();

/// Starts the log of this process, if one is wanted and none was started.
pub(super) fn start() {
    STARTED.call_once(|| {
        let Some(path) = std::env::var_os("JACKFIELD_TEST_LOG") else { return };
        let Ok(file) = OpenOptions::new().create(true).append(true).open(path) else { return };
        // A test that has a log of its own keeps it.
        let _ = tracing_subscriber::fmt()
            .with_env_filter("debug,jackfield_runtime=trace,hyper=trace")
            .with_ansi(false)
            .with_writer(Mutex::new(file))
            .try_init();
    });
}
