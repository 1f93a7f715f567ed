//! Parses the condition of a filter.

use serde_json::{Number, Value};

use super::expression::{Comparison, Condition, Operand, Query};
use super::parse::{Fault, Parser};

impl Parser<'_> {
    /// Parses conditions joined by `||`, which binds more loosely than `&&`.
    pub(super) fn condition(&mut self) -> Result<Condition, Fault> {
        let mut any = vec![self.conjunction()?];
        while self.joined("||") {
            any.push(self.conjunction()?);
        }
        Ok(one_or(any, Condition::Any))
    }

    fn conjunction(&mut self) -> Result<Condition, Fault> {
        let mut all = vec![self.basic_condition()?];
        while self.joined("&&") {
            all.push(self.basic_condition()?);
        }
        Ok(one_or(all, Condition::All))
    }

    fn joined(&mut self, word: &str) -> bool {
        self.space();
        self.eat(word)
    }

    fn basic_condition(&mut self) -> Result<Condition, Fault> {
        self.space();
        let start = self.position();
        let negated = self.eat("!");
        self.space();
        let condition = if self.eat("(") {
            let condition = self.nested(Self::condition)?;
            self.space();
            if !self.eat(")") {
                return Err(self.fault("expected a comparison, `&&`, `||` or `)`"));
            }
            condition
        } else {
            let condition = self.comparison_or_existence()?;
            if negated && matches!(condition, Condition::Compare(..)) {
                return Err(self.fault_at(start, "`!` before a comparison needs parentheses: !(…)"));
            }
            condition
        };
        Ok(if negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn comparison_or_existence(&mut self) -> Result<Condition, Fault> {
        let start = self.position();
        let left = self.operand()?;
        self.space();
        let Some(comparison) = self.comparison() else {
            return match left {
                Operand::Query(query) => Ok(Condition::Exists(query)),
                _ => {
                    Err(self
                        .fault_at(start, "this is a value, not a condition: compare it with another value"))
                }
            };
        };
        let left = self.comparable(start, left)?;
        self.space();
        let start = self.position();
        let right = self.operand()?;
        Ok(Condition::Compare(left, comparison, self.comparable(start, right)?))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        // Longer operators are tried first, because `<` is a prefix of `<=`.
        let known = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        known.into_iter().find(|(word, _)| self.eat(word)).map(|(_, comparison)| comparison)
    }

    fn comparable(&self, start: usize, operand: Operand) -> Result<Operand, Fault> {
        match operand {
            Operand::Query(query) if !query.is_singular() => {
                Err(self.fault_at(start, "a comparison needs a path to one value: names and indexes, without `*`, `..`, slices or filters"))
            }
            operand => Ok(operand),
        }
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        match self.peek() {
            Some('@' | '$') => Ok(Operand::Query(self.inner_query()?)),
            Some('\'' | '"') => Ok(Operand::Literal(Value::String(self.quoted()?))),
            Some('0'..='9' | '-') => self.number(),
            Some('a'..='z' | 'A'..='Z') => self.word(),
            _ => Err(self.fault("expected a path, a quoted string, a number or a function")),
        }
    }

    /// Parses a path from the root (`$`), or from the value that the filter tests (`@`).
    fn inner_query(&mut self) -> Result<Query, Fault> {
        let absolute = self.eat("$");
        if !absolute && !self.eat("@") {
            return Err(self.fault("expected a path that begins with `@` or `$`"));
        }
        Ok(Query { absolute, segments: self.segments()? })
    }

    fn number(&mut self) -> Result<Operand, Fault> {
        let start = self.position();
        let text = self.take_while(|c| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        serde_json::from_str::<Number>(text)
            .map(|number| Operand::Literal(Value::Number(number)))
            .map_err(|_| self.fault_at(start, format!("`{text}` is not a number")))
    }

    /// Parses `true`, `false`, `null`, or a function call.
    fn word(&mut self) -> Result<Operand, Fault> {
        let start = self.position();
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if !self.eat("(") {
            return match word {
                "true" => Ok(Operand::Literal(Value::Bool(true))),
                "false" => Ok(Operand::Literal(Value::Bool(false))),
                "null" => Ok(Operand::Literal(Value::Null)),
                _ => {
                    let problem = format!("`{word}` is not a value: quote a string, begin a path with `@`");
                    Err(self.fault_at(start, problem))
                }
            };
        }
        self.space();
        let operand = match word {
            "length" => {
                let start = self.position();
                let argument = self.nested(Self::operand)?;
                Operand::Length(Box::new(self.comparable(start, argument)?))
            }
            "count" => Operand::Count(self.nested(Self::inner_query)?),
            "value" => Operand::OnlyValue(self.nested(Self::inner_query)?),
            "match" | "search" => {
                let problem =
                    format!("the function `{word}` is not supported: it takes a regular expression");
                return Err(self.fault_at(start, problem));
            }
            _ => {
                return Err(self.fault_at(
                    start,
                    format!("unknown function `{word}`; supported are `length`, `count` and `value`"),
                ));
            }
        };
        self.space();
        if !self.eat(")") {
            return Err(self.fault("expected `)`"));
        }
        Ok(operand)
    }
}

fn one_or(mut conditions: Vec<Condition>, many: impl FnOnce(Vec<Condition>) -> Condition) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            many(conditions)
        }
    }
}
