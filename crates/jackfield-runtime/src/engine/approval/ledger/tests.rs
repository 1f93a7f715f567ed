use super::*;

const BINDING: BindingDigest = [1; 32];
const OTHER: BindingDigest = [2; 32];

fn call(ledger: &mut Ledger, binding: BindingDigest, principal: &str, id: &str, now: u64) -> Decision {
    let summary = "delete_book".to_owned();
    let (principal, id) = (principal.to_owned(), id.to_owned());
    ledger.call(NewCall { binding, principal, summary, id, lifetime: 900, most_pending: 3 }, now)
}

fn waiting(id: &str) -> Decision {
    Decision::Waiting { id: id.to_owned() }
}

fn spent(id: &str) -> Decision {
    Decision::Spent { id: id.to_owned() }
}

fn denied(id: &str, by: &str) -> Decision {
    Decision::Denied { id: id.to_owned(), by: by.to_owned() }
}

fn person() -> Approver {
    Approver { principal: "local".to_owned(), may: MayApprove::Own, name: "fern".to_owned() }
}

#[test]
fn approval_is_spent_by_exactly_one_call() {
    let mut ledger = Ledger::default();
    assert_eq!(call(&mut ledger, BINDING, "a", "1", 0), waiting("1"));
    assert_eq!(call(&mut ledger, BINDING, "a", "2", 1), waiting("1"), "equal calls share one approval");
    assert_eq!(ledger.decide("1", true, &person(), 2), Ok(()));
    assert_eq!(call(&mut ledger, OTHER, "a", "3", 3), waiting("3"));
    assert_eq!(call(&mut ledger, BINDING, "b", "4", 3), waiting("4"));
    assert_eq!(call(&mut ledger, BINDING, "a", "5", 3), spent("1"));
    assert_eq!(call(&mut ledger, BINDING, "a", "5", 3), waiting("5"));
    let spent = Undecidable::Already(ApprovalState::Spent);
    assert_eq!(ledger.decide("1", true, &person(), 4), Err(spent));
}

#[test]
fn approval_ends_at_its_expiry() {
    let mut ledger = Ledger::default();
    call(&mut ledger, BINDING, "a", "1", 0);
    assert_eq!(ledger.decide("1", true, &person(), 900), Err(Undecidable::Expired));
    assert_eq!(ledger.decide("1", true, &person(), 899), Ok(()));
    assert_eq!(ledger.claim("1", &BINDING, "a", 900), Decision::Gone);
    assert_eq!(call(&mut ledger, BINDING, "a", "2", 900), waiting("2"));
}

#[test]
fn refusal_after_an_approval_refuses_equal_calls_until_expiry() {
    let mut ledger = Ledger::default();
    let denied = denied("1", "fern");
    call(&mut ledger, BINDING, "a", "1", 0);
    assert_eq!(ledger.decide("1", true, &person(), 1), Ok(()));
    assert_eq!(ledger.decide("1", false, &person(), 2), Ok(()));
    assert_eq!(call(&mut ledger, BINDING, "a", "2", 3), denied);
    assert_eq!(ledger.claim("1", &BINDING, "a", 3), denied);
    assert_eq!(ledger.answer("1", &BINDING, "a", true, 3), denied);
    assert_eq!(call(&mut ledger, BINDING, "a", "2", 900), waiting("2"));
}

#[test]
fn answer_of_the_calling_user_applies_only_to_the_asked_question() {
    let mut ledger = Ledger::default();
    call(&mut ledger, BINDING, "a", "1", 0);
    assert_eq!(ledger.answer("1", &OTHER, "a", true, 1), Decision::Gone);
    assert_eq!(ledger.answer("1", &BINDING, "b", true, 1), Decision::Gone);
    assert_eq!(ledger.answer("2", &BINDING, "a", true, 1), Decision::Gone);
    assert_eq!(ledger.answer("1", &BINDING, "a", true, 1), spent("1"));
    assert_eq!(ledger.answer("1", &BINDING, "a", true, 1), Decision::Gone);
    // After the caller's user has refused, the next call asks again.
    call(&mut ledger, BINDING, "a", "2", 2);
    assert_eq!(ledger.answer("2", &BINDING, "a", false, 3), denied("2", "a"));
    assert_eq!(call(&mut ledger, BINDING, "a", "3", 4), waiting("3"));
}

#[test]
fn repeated_call_with_an_answer_needs_no_second_approval() {
    let mut ledger = Ledger::default();
    call(&mut ledger, BINDING, "a", "1", 0);
    ledger.resume("1", 1);
    assert_eq!(
        call(&mut ledger, BINDING, "a", "2", 1),
        waiting("1"),
        "only a spent approval is made usable again"
    );
    assert_eq!(ledger.answer("1", &BINDING, "a", true, 1), spent("1"));
    ledger.resume("1", 2);
    assert_eq!(call(&mut ledger, BINDING, "a", "2", 3), spent("1"));
    ledger.resume("1", 900);
    assert_eq!(call(&mut ledger, BINDING, "a", "2", 3), waiting("2"), "it had expired");
}

#[test]
fn spent_approval_is_made_usable_again_a_limited_number_of_times() {
    let mut ledger = Ledger::default();
    call(&mut ledger, BINDING, "a", "1", 0);
    assert_eq!(ledger.answer("1", &BINDING, "a", true, 1), spent("1"));
    for round in 0..MOST_ROUNDS {
        ledger.resume("1", 2);
        assert_eq!(call(&mut ledger, BINDING, "a", "2", 3), spent("1"), "round {round}");
    }
    ledger.resume("1", 2);
    assert_eq!(call(&mut ledger, BINDING, "a", "2", 3), waiting("2"));
}

#[test]
fn principal_without_a_separate_right_cannot_approve_its_own_calls() {
    for (may, principal, expected) in [
        (MayApprove::None, "b", Err(Undecidable::NotPermitted)),
        (MayApprove::Others, "a", Err(Undecidable::NotPermitted)),
        (MayApprove::Others, "b", Ok(())),
        (MayApprove::Own, "a", Ok(())),
    ] {
        let mut ledger = Ledger::default();
        call(&mut ledger, BINDING, "a", "1", 0);
        let approver = Approver { principal: principal.to_owned(), may, name: "fern".to_owned() };
        assert_eq!(ledger.decide("1", true, &approver, 1), expected, "{may:?} {principal}");
    }
}

#[test]
fn oldest_pending_approval_is_evicted_at_the_limit() {
    let mut ledger = Ledger::default();
    for at in 0..10_u8 {
        call(&mut ledger, [at; 32], "a", &at.to_string(), at.into());
        call(&mut ledger, [at; 32], "b", &format!("b{at}"), at.into());
    }
    let left: Vec<&str> = ledger.records().map(|record| record.id.as_str()).collect();
    assert_eq!(left, ["7", "8", "9", "b7", "b8", "b9"]);
    ledger.take_changes();
    assert_eq!(ledger.decide("0", true, &person(), 11), Err(Undecidable::Unknown));
}
