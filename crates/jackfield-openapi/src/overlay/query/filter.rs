//! The conditions of filters, in the text of an expression.

use serde_json::{Number, Value};

use super::parse::{Fault, Parser};
use super::{Comparison, Operand, Query, Test};

impl Parser<'_> {
    /// Conditions joined by `||`, which binds weaker than `&&`.
    pub(super) fn test(&mut self) -> Result<Test, Fault> {
        let mut any = vec![self.all()?];
        while self.joined("||") {
            any.push(self.all()?);
        }
        Ok(one_or(any, Test::Any))
    }

    fn all(&mut self) -> Result<Test, Fault> {
        let mut all = vec![self.condition()?];
        while self.joined("&&") {
            all.push(self.condition()?);
        }
        Ok(one_or(all, Test::All))
    }

    fn joined(&mut self, word: &str) -> bool {
        self.space();
        self.eat(word)
    }

    fn condition(&mut self) -> Result<Test, Fault> {
        self.space();
        let start = self.position();
        let negated = self.eat("!");
        self.space();
        let test = if self.eat("(") {
            let test = self.nested(Self::test)?;
            self.space();
            if !self.eat(")") {
                return Err(self.fault("here a comparison, `&&`, `||` or a `)` was expected"));
            }
            test
        } else {
            let test = self.comparison_or_existence()?;
            if negated && matches!(test, Test::Compare(..)) {
                return Err(self.fault_at(start, "`!` before a comparison needs parentheses: !(…)"));
            }
            test
        };
        Ok(if negated { Test::Not(Box::new(test)) } else { test })
    }

    fn comparison_or_existence(&mut self) -> Result<Test, Fault> {
        let start = self.position();
        let left = self.operand()?;
        self.space();
        let Some(comparison) = self.comparison() else {
            return match left {
                Operand::Query(query) => Ok(Test::Exists(query)),
                _ => Err(self.fault_at(start, "this is a value and no condition: compare it with something")),
            };
        };
        let left = self.comparable(start, left)?;
        self.space();
        let start = self.position();
        let right = self.operand()?;
        Ok(Test::Compare(left, comparison, self.comparable(start, right)?))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        // The longer ones first: `<` begins `<=` too.
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
                Err(self.fault_at(start, "only one value can be compared: a path of names and indexes alone"))
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
            _ => Err(self.fault("here a path, a text, a number or a function was expected")),
        }
    }

    /// A path from the root, or from the value that the filter looks at.
    fn inner_query(&mut self) -> Result<Query, Fault> {
        let absolute = self.eat("$");
        if !absolute && !self.eat("@") {
            return Err(self.fault("here a path was expected, beginning with `@` or `$`"));
        }
        Ok(Query { absolute, segments: self.segments()? })
    }

    fn number(&mut self) -> Result<Operand, Fault> {
        let start = self.position();
        let text = self.take_while(|c| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        serde_json::from_str::<Number>(text)
            .map(|number| Operand::Literal(Value::Number(number)))
            .map_err(|_| self.fault_at(start, format!("`{text}` is no number")))
    }

    /// `true`, `false`, `null`, or a function.
    fn word(&mut self) -> Result<Operand, Fault> {
        let start = self.position();
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if !self.eat("(") {
            return match word {
                "true" => Ok(Operand::Literal(Value::Bool(true))),
                "false" => Ok(Operand::Literal(Value::Bool(false))),
                "null" => Ok(Operand::Literal(Value::Null)),
                _ => {
                    let problem =
                        format!("`{word}` is no value: a text stands in quotes, a path begins with `@`");
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
                let problem = format!("`{word}` is not understood: regular expressions are not supported");
                return Err(self.fault_at(start, problem));
            }
            _ => return Err(self.fault_at(start, format!("there is no function `{word}`"))),
        };
        self.space();
        if !self.eat(")") {
            return Err(self.fault("here a `)` was expected"));
        }
        Ok(operand)
    }
}

fn one_or(mut tests: Vec<Test>, many: impl FnOnce(Vec<Test>) -> Test) -> Test {
    match tests.pop() {
        Some(test) if tests.is_empty() => test,
        last => {
            tests.extend(last);
            many(tests)
        }
    }
}
