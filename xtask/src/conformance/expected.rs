//! The expected results of the suite: the scenarios that pass through the gateway, and the scenarios that pass only directly.

use super::suite::Score;

/// The lines of one pair of eras.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expected<'t> {
    /// The scenarios that pass.
    passing: Vec<&'t str>,
    /// The scenarios that pass only directly, each with the reason.
    excepted: Vec<(&'t str, &'t str)>,
}

impl<'t> Expected<'t> {
    /// Reads the lines below `[CELL]`. A line is `SCENARIO`, or `SCENARIO: REASON` for a scenario that passes only directly, with the
    /// reason.
    pub(super) fn of(text: &'t str, cell: &str) -> Self {
        let lines = text.lines().skip_while(|line| *line != format!("[{cell}]")).skip(1);
        let lines = lines.take_while(|line| !line.starts_with('[')).map(str::trim);
        let mut expected = Self::default();
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once(':') {
                Some((name, reason)) => expected.excepted.push((name.trim(), reason.trim())),
                None => expected.passing.push(line),
            }
        }
        expected
    }

    /// Returns the differences between the list and a run, one line for each difference.
    pub(super) fn differences(&self, direct: &[Score], through: &[Score]) -> Vec<String> {
        let passes = |scores: &[Score], name: &str| {
            scores.iter().any(|it| it.scenario == name && it.problem.is_none())
        };
        let problem = |name: &str| {
            let score = through.iter().find(|score| score.scenario == name);
            score.map_or("it did not run", |score| score.problem.as_deref().unwrap_or("it passes"))
        };
        let mut found = Vec::new();
        for name in self.passing.iter().filter(|name| !passes(through, name)) {
            found.push(format!("is listed as passing, but does not pass: {name}: {}", problem(name)));
        }
        for (name, reason) in &self.excepted {
            if !passes(direct, name) {
                found.push(format!("is listed as passing without the gateway, but does not pass: {name}"));
            }
            if reason.is_empty() {
                found.push(format!("is listed without a reason: {name}: {}", problem(name)));
            }
        }
        for Score { scenario, .. } in through.iter().filter(|score| score.problem.is_none()) {
            if !self.passing.contains(&scenario.as_str()) {
                found.push(format!("passes, but is not listed as passing: {scenario}"));
            }
        }
        for Score { scenario, is_scored, .. } in direct.iter().filter(|score| score.problem.is_none()) {
            let is_excepted = self.excepted.iter().any(|(name, _)| name == scenario);
            if !passes(through, scenario) && !is_excepted && !self.passing.contains(&scenario.as_str()) {
                let kind = if *is_scored { "" } else { " (not scored)" };
                found.push(format!(
                    "passes without the gateway, but not through it: {scenario}{kind}: {}",
                    problem(scenario)
                ));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(scenario: &str, passes: bool) -> Score {
        let problem = (!passes).then(|| "it is broken".to_owned());
        Score { scenario: scenario.to_owned(), is_scored: true, problem }
    }

    #[test]
    fn expected_scenarios_of_a_client_and_a_server_are_read_from_their_section() {
        let text = "# About\n[a client, b server]\none\n# no\n two\nfour: its reason: here\n\n[c client, d server]\nthree\n";
        let expected = Expected { passing: vec!["one", "two"], excepted: vec![("four", "its reason: here")] };
        assert_eq!(Expected::of(text, "a client, b server"), expected);
        assert_eq!(Expected::of(text, "c client, d server").passing, ["three"]);
        assert_eq!(Expected::of(text, "e client, f server"), Expected::default());
    }

    #[test]
    fn difference_between_the_expected_scenarios_and_a_run_is_reported() {
        let direct = [score("a", true), score("b", true), score("c", false)];
        let through = [score("a", true), score("b", false), score("c", false)];
        let differences =
            |text: &str| Expected::of(&format!("[x]\n{text}"), "x").differences(&direct, &through);
        assert_eq!(differences("a\nb: it tests the transport"), [] as [&str; 0]);
        for (text, expected) in [
            ("b: why", "passes, but is not listed as passing: a"),
            ("a: why\nb: why", "passes, but is not listed as passing: a"),
            ("a", "passes without the gateway, but not through it: b: it is broken"),
            ("a\nb", "is listed as passing, but does not pass: b: it is broken"),
            ("a\nb:", "is listed without a reason: b: it is broken"),
            ("a\nb: why\nc: why", "is listed as passing without the gateway, but does not pass: c"),
            ("a\nb: why\nz", "is listed as passing, but does not pass: z: it did not run"),
        ] {
            assert_eq!(differences(text), [expected], "{text}");
        }
    }
}
