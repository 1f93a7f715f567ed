//! Groups findings that have the same code and remedy, so that each problem is shown once.

use std::collections::BTreeMap;
use std::fmt;

use jackfield_model::{Fix, Severity, visible, visible_line};

use crate::show::{Shown, write_fixes};

/// The maximum number of places that a group shows.
const PLACES: usize = 3;
/// The maximum number of fixes that a group shows.
const FIXES: usize = 12;

/// Findings with the same code and remedy, sorted by place. A group is never empty.
#[derive(Debug)]
pub struct Group<'s> {
    findings: Vec<&'s Shown>,
}

impl<'s> Group<'s> {
    /// Groups findings, in the order of the first finding of each group.
    pub fn all(findings: &'s [Shown]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        let mut places = BTreeMap::new();
        for shown in findings {
            let finding = &shown.diagnostic;
            let remedy = finding.shared_remedy.unwrap_or(&finding.remedy);
            let key = (shown.operation.is_some(), finding.severity, finding.code, remedy);
            let place = *places.entry(key).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.findings.push(shown),
                None => groups.push(Self { findings: vec![shown] }),
            }
        }
        groups
    }

    /// Returns the findings of the group.
    pub fn findings(&self) -> &[&'s Shown] {
        &self.findings
    }

    /// Returns the severity of the group.
    pub fn severity(&self) -> Severity {
        self.first().diagnostic.severity
    }

    fn first(&self) -> &'s Shown {
        self.findings[0]
    }

    fn agree<T: PartialEq>(&self, part: impl Fn(&'s Shown) -> T) -> bool {
        let first = part(self.first());
        self.findings.iter().all(|shown| part(shown) == first)
    }

    /// Returns the title, such as `12 unresolved references`.
    pub fn title(&self) -> String {
        let (first, count) = (self.first(), self.findings.len());
        let finding = &first.diagnostic;
        if count == 1 {
            return first.problem();
        }
        let is_same = self.agree(|shown| shown.diagnostic.problem.as_str());
        match (&first.operation, is_same) {
            (Some(_), true) => format!("{count} operations are left out: {}", finding.problem),
            (Some(_), false) => format!("{count} operations are left out: {}", finding.code.plural()),
            (None, true) => format!("{} ({count} times)", finding.problem),
            (None, false) => format!("{count} {}", finding.code.plural()),
        }
    }

    /// Returns the first places, each with its own problem, and the number of further places.
    fn places(&self) -> (Vec<String>, usize) {
        let is_same = self.agree(|shown| shown.diagnostic.problem.as_str());
        let place = |shown: &&Shown| {
            let problem = match &shown.operation {
                Some(operation) if is_same => operation.clone(),
                None if is_same => String::new(),
                _ => shown.problem(),
            };
            match shown.position() {
                Some(position) if problem.is_empty() => position,
                Some(position) => format!("{position}: {problem}"),
                None => problem,
            }
        };
        let places: Vec<String> = self.findings.iter().take(PLACES).map(place).collect();
        let more = self.findings.len() - places.len();
        (places, more)
    }

    /// Returns the group on one line, which begins with its first position.
    pub fn line(&self) -> String {
        let finding = &self.first().diagnostic;
        let position = self.first().position().map(|position| format!("{position}: ")).unwrap_or_default();
        let more: Vec<String> =
            self.findings.iter().skip(1).take(PLACES - 1).filter_map(|shown| shown.position()).collect();
        let also = if more.is_empty() { String::new() } else { format!("; also at {}", more.join(", ")) };
        let text = format!("{position}{}{also} ({})", self.title(), finding.code);
        visible_line(&text).into_owned()
    }
}

impl fmt::Display for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first();
        let finding = &first.diagnostic;
        if self.findings.len() == 1 {
            return first.fmt(f);
        }
        write!(f, "{}[{}]: {}", first.severity(), finding.code, visible(&self.title()))?;
        let (places, more) = self.places();
        for place in places.iter().filter(|place| !place.is_empty()) {
            write!(f, "\n  --> {}", visible_line(place))?;
        }
        if more > 0 {
            write!(f, "\n  = and {more} more: --all shows each")?;
        }
        let mut consequences: Vec<&str> = Vec::new();
        for shown in &self.findings {
            let consequence = shown.diagnostic.consequence.as_str();
            if !consequence.is_empty() && !consequences.contains(&consequence) && consequences.len() < PLACES
            {
                consequences.push(consequence);
            }
        }
        for consequence in consequences {
            write!(f, "\n  = so: {}", visible(consequence))?;
        }
        let remedy = match finding.shared_remedy {
            Some(shared) if !self.agree(|shown| shown.diagnostic.remedy.as_str()) => shared,
            _ => &finding.remedy,
        };
        if !remedy.is_empty() {
            write!(f, "\n  = help: {}", visible(remedy))?;
        }
        let fixes: Vec<&Fix> =
            self.findings.iter().filter_map(|shown| shown.diagnostic.fix.as_ref()).collect();
        write_fixes(f, fixes.iter().take(FIXES).copied(), fixes.len().saturating_sub(FIXES))?;
        writeln!(f)
    }
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Code, Diagnostic, Place, Pointer};

    use super::*;

    fn found(at: usize, problem: &str, remedy: &str) -> Shown {
        let place = Place { file: "a.yaml".into(), pointer: Pointer::root().index(at) };
        let finding = Diagnostic::warning(Code::IgnoredParameter, place, problem).so("it is left out");
        Shown::without_lines(finding.help(remedy))
    }

    #[test]
    fn group_of_equal_findings_lists_the_first_three_places() {
        let findings: Vec<Shown> =
            (0..57).map(|at| found(at, "`Accept` is no parameter", "nothing")).collect();
        let groups = Group::all(&findings);
        let [group] = groups.as_slice() else { panic!("{groups:?}") };
        assert_eq!(
            group.to_string(),
            "warning[ignored-parameter]: `Accept` is no parameter (57 times)\n  --> a.yaml#/0\n  --> a.yaml#/1\n  --> \
             a.yaml#/2\n  = and 54 more: --all shows each\n  = so: it is left out\n  = help: nothing\n"
        );
        assert_eq!(
            group.line(),
            "a.yaml#/0: `Accept` is no parameter (57 times); also at a.yaml#/1, a.yaml#/2 (ignored-parameter)"
        );
    }

    #[test]
    fn group_of_findings_with_equal_remedies_has_the_title_of_their_code() {
        let findings =
            [found(1, "`a` is odd", "do x"), found(2, "`b` is odd", "do x"), found(3, "`c`", "do y")];
        let groups = Group::all(&findings);
        assert_eq!(groups.len(), 2);
        let text = groups[0].to_string();
        assert!(text.contains("2 parameters that HTTP, authentication or the path provides\n"), "{text}");
        assert!(text.contains("--> a.yaml#/1: `a` is odd\n  --> a.yaml#/2: `b` is odd\n"), "{text}");
        assert_eq!(groups[1].to_string(), findings[2].to_string());
    }

    #[test]
    fn findings_with_different_remedies_are_grouped_by_their_shared_remedy() {
        let mut findings = [found(1, "`a` is odd", "call a x"), found(2, "`b` is odd", "call b x")];
        for shown in &mut findings {
            shown.diagnostic.shared_remedy = Some("call each x");
        }
        let groups = Group::all(&findings);
        assert!(groups.len() == 1 && groups[0].to_string().contains("= help: call each x\n"));
        assert!(Group::all(&findings[..1])[0].to_string().contains("= help: call a x\n"));
    }

    #[test]
    fn skipped_operations_are_grouped_and_counted() {
        let mut findings = [found(1, "no schema", "do x"), found(2, "no schema", "do x")];
        findings[0].operation = Some("GET /a".to_owned());
        findings[1].operation = Some("GET /b\u{1b}[2J".to_owned());
        let text = Group::all(&findings)[0].to_string();
        assert!(text.contains("2 operations are left out: no schema\n  --> a.yaml#/1: GET /a\n"), "{text}");
        assert!(text.contains("GET /b\\u{1b}[2J"), "{text}");
    }
}
