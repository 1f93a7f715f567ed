//! The CPU time of child processes.

use std::fs;
use std::process::Command;

use crate::failure::Failure;

/// The unit of times in `/proc` is a hundredth of a second on Linux.
const TICKS: f64 = 100.0;

/// Runs a command and returns the CPU seconds of the command and its descendants.
///
/// # Errors
/// Returns an error if the command fails, or if the system does not report CPU times.
pub(super) fn seconds(command: &mut Command, purpose: &str) -> Result<f64, Failure> {
    let before = of_children()?;
    let status = command.status().map_err(|error| Failure::new(format!("{purpose}: {error}")))?;
    if !status.success() {
        return Err(Failure::new(format!("{purpose}: {status}")));
    }
    Ok(of_children()? - before)
}

/// Returns the user and system time of all descendants that have exited and been waited for.
fn of_children() -> Result<f64, Failure> {
    let stat = fs::read_to_string("/proc/self/stat").map_err(Failure::while_("reading the CPU time"))?;
    children_in(&stat).ok_or_else(|| Failure::new("the CPU time of children is unknown on this system"))
}

/// Returns the sum of the fields `cutime` and `cstime` in the text of a `/proc/PID/stat`, in seconds. The second
/// field is a name in parentheses. The name may contain spaces and parentheses.
fn children_in(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(13).map(|field| field.parse::<f64>().ok());
    Some((times.next()?? + times.next()??) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_stat_with_parentheses_in_the_name_is_parsed() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 2000 0 0 11 22 150 250 20 0 1 0 99";
        assert_eq!(children_in(stat), Some(4.0));
    }

    #[test]
    fn failed_command_is_an_error() {
        assert!(seconds(&mut Command::new("false"), "failing").is_err());
        assert!(seconds(&mut Command::new("true"), "succeeding").is_ok_and(|seconds| seconds < 10.0));
    }
}
