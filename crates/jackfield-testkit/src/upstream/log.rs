//! Writes all log lines of the tests to the file in `JACKFIELD_TEST_LOG`, where `cargo xtask leaks` searches for credentials.

use std::fs::OpenOptions;
use std::sync::{Mutex, Once};

static STARTED: Once = Once::new();

/// Starts the log of this process, if the variable is set and the log was not started before.
pub(super) fn start() {
    STARTED.call_once(|| {
        let Some(path) = std::env::var_os("JACKFIELD_TEST_LOG") else { return };
        let Ok(file) = OpenOptions::new().create(true).append(true).open(path) else { return };
        // If a test has set its own subscriber, that subscriber stays.
        let _ = tracing_subscriber::fmt()
            .with_env_filter("debug,jackfield_runtime=trace,hyper=trace")
            .with_ansi(false)
            .with_writer(Mutex::new(file))
            .try_init();
    });
}
