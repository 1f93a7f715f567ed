//! Computes the maximum cost of evaluating an expression.

use cel::IdedExpr;
use cel::common::ast::Expr;
use jackfield_recipe::nearest;

use super::call::WhenError;

/// The maximum depth of an expression, because the evaluation is recursive.
const DEEPEST: usize = 32;

/// The maximum number of steps of an evaluation.
const MOST_STEPS: u64 = 50_000;

/// The maximum number of values in the arguments of a call. No array that a condition iterates over can be longer.
pub(super) const MOST_VALUES: u64 = 1000;

/// The variables of a condition.
const VARIABLES: [&str; 6] = ["arguments", "client", "effect", "principal", "scopes", "tool"];

/// The functions and operators that a condition can use. Each costs no more than reading its operands. Other functions of CEL build
/// times, match patterns that the caller sends, or depend on more than the call.
const FUNCTIONS: [&str; 23] = [
    "_?_:_",
    "_&&_",
    "_||_",
    "!_",
    "@not_strictly_false",
    "_==_",
    "_!=_",
    "_<_",
    "_<=_",
    "_>_",
    "_>=_",
    "@in",
    "_[_]",
    "_+_",
    "_-_",
    "-_",
    "contains",
    "double",
    "endsWith",
    "int",
    "size",
    "startsWith",
    "string",
];

/// The remedy that lists the functions and operators as they are written in an expression.
const WRITTEN: &str = "use `&&`, `||`, `!`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `+`, `-`, `[ ]`, `? :`, `has`, `all`, `exists`, `exists_one`, \
                       `contains`, `startsWith`, `endsWith`, `size`, `int`, `double` and `string`";

/// The check of an expression.
pub(super) struct Check<'e> {
    /// The offset of a node in the text.
    pub(super) offset: &'e dyn Fn(u64) -> usize,
    /// The variables that the macros around the current node define.
    bound: Vec<&'e str>,
    has_arguments: bool,
}

impl<'e> Check<'e> {
    /// Checks an expression.
    ///
    /// # Errors
    /// Returns an error if the expression uses a function, operator or variable that is not allowed, or if it could cost too much.
    pub(super) fn run(root: &'e IdedExpr, offset: &'e dyn Fn(u64) -> usize) -> Result<(), WhenError> {
        let mut check = Self { offset, bound: Vec::new(), has_arguments: false };
        let steps = check.steps(root, 0)?;
        if steps > MOST_STEPS {
            let problem = format!(
                "the condition could need {steps} steps (limit {MOST_STEPS}) if the arguments have {MOST_VALUES} values"
            );
            return Err(WhenError {
                at: 0,
                problem,
                remedy: "do not nest `all` or `exists`, or write several rules".to_owned(),
            });
        }
        if !check.has_arguments {
            return Err(WhenError {
                at: 0,
                problem: "the condition does not use `arguments`, so a tool would be listed although it refuses every call"
                    .to_owned(),
                remedy: "use `arguments`, or `tools`, `effects`, `principals` and `scopes` instead of `when`".to_owned(),
            });
        }
        Ok(())
    }

    fn refuse(&self, node: &IdedExpr, problem: String, remedy: impl Into<String>) -> WhenError {
        WhenError { at: (self.offset)(node.id), problem, remedy: remedy.into() }
    }

    /// Returns the maximum number of steps of an expression.
    fn steps(&mut self, node: &'e IdedExpr, depth: usize) -> Result<u64, WhenError> {
        if depth > DEEPEST {
            let problem = format!("the condition is nested too deeply (limit {DEEPEST})");
            return Err(self.refuse(node, problem, "write several rules"));
        }
        let mut sum = 1u64;
        let mut add = |check: &mut Self, node: &'e IdedExpr| -> Result<(), WhenError> {
            sum = sum.saturating_add(check.steps(node, depth + 1)?);
            Ok(())
        };
        match &node.expr {
            Expr::Literal(_) => {}
            Expr::Ident(name) => self.check_name(node, name)?,
            Expr::Select(select) => add(self, &select.operand)?,
            Expr::List(list) => list.elements.iter().try_for_each(|element| add(self, element))?,
            Expr::Call(call) => {
                if !FUNCTIONS.contains(&call.func_name.as_str()) {
                    let problem = format!("a condition cannot use `{}`", call.func_name.trim_matches('_'));
                    return Err(self.refuse(node, problem, WRITTEN));
                }
                call.target.iter().try_for_each(|target| add(self, target))?;
                call.args.iter().try_for_each(|argument| add(self, argument))?;
            }
            Expr::Comprehension(each) => {
                add(self, &each.iter_range)?;
                add(self, &each.accu_init)?;
                let before = self.bound.len();
                self.bound.extend([each.iter_var.as_str(), each.accu_var.as_str()]);
                self.bound.extend(each.iter_var2.as_deref());
                let (condition, step) =
                    (self.steps(&each.loop_cond, depth + 1)?, self.steps(&each.loop_step, depth + 1)?);
                let result = self.steps(&each.result, depth + 1)?;
                self.bound.truncate(before);
                let all = condition.saturating_add(step).saturating_mul(MOST_VALUES);
                sum = sum.saturating_add(all).saturating_add(result);
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                return Err(self.refuse(node, "a condition cannot create a map".to_owned(), WRITTEN));
            }
        }
        Ok(sum)
    }

    fn check_name(&mut self, node: &IdedExpr, name: &str) -> Result<(), WhenError> {
        if self.bound.contains(&name) {
            return Ok(());
        }
        if !VARIABLES.contains(&name) {
            let remedy = match nearest(name, VARIABLES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of `{}`", VARIABLES.join("`, `")),
            };
            return Err(self.refuse(node, format!("a condition has no variable `{name}`"), remedy));
        }
        self.has_arguments |= name == "arguments";
        Ok(())
    }
}
