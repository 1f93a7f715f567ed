//! The output lines of a benchmark. Each has a name, a value and a limit.

use std::cmp::Ordering;
use std::fmt;

/// The limit of a value.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
    None,
}

/// The figures of a run, which are printed as they are measured.
#[derive(Default)]
pub(crate) struct Figures {
    short: usize,
}

impl Bar {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
            Self::None => true,
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "<={most}"),
            Self::AtLeast(least) => write!(f, ">={least}"),
            Self::None => f.write_str("-"),
        }
    }
}

impl Figures {
    /// Prints `NAME VALUE BAR`.
    pub(crate) fn print(&mut self, name: &str, value: f64, bar: Bar) {
        println!("{name} {value:.2} {bar}");
        self.short += usize::from(!bar.holds(value));
    }

    /// Prints `NAME VALUE BAR` with three decimal places, for shares and fractions of milliseconds.
    pub(super) fn print_fine(&mut self, name: &str, value: f64, bar: Bar) {
        println!("{name} {value:.3} {bar}");
        self.short += usize::from(!bar.holds(value));
    }

    /// Returns exit code 1 if a value misses its limit, and 0 otherwise.
    pub(crate) fn exit(self) -> std::process::ExitCode {
        if self.short == 0 { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
    }
}

/// Returns the median.
pub(crate) fn median<T: PartialOrd + Copy + Default>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benchmark_value_equal_to_its_limit_passes() {
        assert!(Bar::AtMost(2.0).holds(2.0) && !Bar::AtMost(2.0).holds(2.1));
        assert!(Bar::AtLeast(2.0).holds(2.0) && !Bar::AtLeast(2.0).holds(1.9));
        assert_eq!(Bar::AtLeast(0.85).to_string(), ">=0.85");
    }
}
