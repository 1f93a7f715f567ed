//! The units that numbers in texts can have.

/// A unit. All spellings of a unit share one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub(super) name: &'static str,
    /// Whether the word means the unit even without a number. For example, `seconds` does, but `second` does not.
    pub(super) stands_alone: bool,
}

/// The name of each unit, the words that mean the unit only after a number, and the words that always mean the unit.
const UNITS: [(&str, &[&str], &[&str]); 27] = [
    ("milliseconds", &[], &["ms", "msec", "msecs", "millisecond", "milliseconds", "millis"]),
    ("seconds", &["s", "second"], &["sec", "secs", "seconds"]),
    ("minutes", &["m", "minute", "min"], &["mins", "minutes"]),
    ("hours", &["h", "hr", "hour"], &["hrs", "hours"]),
    ("days", &["d", "day", "days"], &[]),
    ("weeks", &["w", "week", "weeks"], &[]),
    ("months", &["month", "months"], &[]),
    ("years", &["y", "year", "years"], &[]),
    ("bytes", &["b", "byte"], &["bytes"]),
    ("kilobytes", &["k"], &["kb", "kilobyte", "kilobytes"]),
    ("kibibytes", &[], &["kib", "kibibytes"]),
    ("megabytes", &[], &["mb", "megabyte", "megabytes"]),
    ("mebibytes", &[], &["mib", "mebibytes"]),
    ("gigabytes", &["g"], &["gb", "gigabyte", "gigabytes"]),
    ("gibibytes", &[], &["gib", "gibibytes"]),
    ("terabytes", &[], &["tb", "terabytes"]),
    ("characters", &["chars", "character", "characters", "char"], &[]),
    ("pixels", &["pixel"], &["px", "pixels"]),
    ("percent", &[], &["percent", "percentage", "pct"]),
    ("cents", &["cent"], &["cents"]),
    ("dollars", &["dollar"], &["dollars", "usd"]),
    ("euros", &["euro"], &["euros", "eur"]),
    ("meters", &["meter", "metre"], &["meters", "metres"]),
    ("kilometers", &[], &["km", "kilometers", "kilometres"]),
    ("miles", &["mile"], &["miles"]),
    ("kilograms", &[], &["kg", "kilograms"]),
    ("grams", &["gram"], &["grams"]),
];

impl Unit {
    /// Returns the unit that a lower-case word means.
    pub(super) fn of(word: &str) -> Option<Self> {
        UNITS.iter().find_map(|(name, after_number, always)| {
            let stands_alone = always.contains(&word);
            (stands_alone || after_number.contains(&word)).then_some(Self { name, stands_alone })
        })
    }

    /// Returns the unit that a symbol means.
    pub(super) const fn of_symbol(symbol: char) -> Option<Self> {
        let name = match symbol {
            '%' => "percent",
            '$' => "dollars",
            '€' => "euros",
            _ => return None,
        };
        Some(Self { name, stands_alone: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_means_only_one_unit() {
        let mut words: Vec<&str> =
            UNITS.iter().flat_map(|(_, after, always)| after.iter().chain(*always)).copied().collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
        assert_eq!(Unit::of("secs"), Some(Unit { name: "seconds", stands_alone: true }));
        assert_eq!(Unit::of("second"), Some(Unit { name: "seconds", stands_alone: false }));
        assert_eq!(Unit::of("books"), None);
    }
}
