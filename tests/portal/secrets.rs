//! Passwords, tokens and comparison.

use std::collections::HashSet;

use cpe_portal::config::PasswordCost;
use cpe_portal::secrets::{PasswordHash, PasswordProblem, Passwords, Token, check_password};

const ABOUT: [&str; 3] = ["Zsófia Nagy-Kovács", "zsofia.nagy@example.org", "The Certification Body"];

#[test]
fn only_the_password_that_was_hashed_verifies() {
    let passwords = Passwords::new(PasswordCost::Cheap, 2);
    let hash = passwords.hash("blue kettle under snow").unwrap();
    assert!(passwords.verify("blue kettle under snow", &hash));
    for wrong in ["", "blue kettle under snow ", "Blue kettle under snow", "blue kettle"] {
        assert!(!passwords.verify(wrong, &hash), "{wrong:?}");
    }
    let stored = PasswordHash::from_stored(hash.as_str());
    assert!(passwords.verify("blue kettle under snow", &stored));
}

#[test]
fn the_same_password_hashes_differently_each_time() {
    let passwords = Passwords::new(PasswordCost::Cheap, 2);
    assert_ne!(
        passwords.hash("blue kettle under snow").unwrap(),
        passwords.hash("blue kettle under snow").unwrap()
    );
}

#[test]
fn real_hashes_are_argon2id_with_nineteen_mebibytes_and_two_passes() {
    let hash = Passwords::new(PasswordCost::Standard, 2).hash("blue kettle under snow").unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
}

#[test]
fn a_hash_verifies_with_the_cost_it_was_made_with() {
    let hash = Passwords::new(PasswordCost::Cheap, 2).hash("blue kettle under snow").unwrap();
    assert!(Passwords::new(PasswordCost::Standard, 2).verify("blue kettle under snow", &hash));
}

#[test]
fn what_is_stored_but_no_hash_verifies_nothing() {
    let passwords = Passwords::new(PasswordCost::Cheap, 2);
    for stored in ["", "blue kettle under snow", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv"] {
        assert!(!passwords.verify("blue kettle under snow", &PasswordHash::from_stored(stored)));
        assert!(!passwords.verify("", &PasswordHash::from_stored(stored)));
    }
}

#[test]
fn two_ways_to_type_the_same_letter_are_the_same_password() {
    let passwords = Passwords::new(PasswordCost::Cheap, 2);
    let hash = passwords.hash("cr\u{e8}me under the bridge").unwrap();
    assert!(passwords.verify("cre\u{300}me under the bridge", &hash));
}

/// The work is counted and not timed: whatever else the machine does, it is the same.
#[test]
fn an_unknown_account_costs_as_much_work_as_a_wrong_password() {
    for cost in [PasswordCost::Standard, PasswordCost::Cheap] {
        let passwords = Passwords::new(cost, 2);
        let hash = passwords.hash("blue kettle under snow").unwrap();
        let work = |hashing: &dyn Fn()| -> u64 {
            let before = passwords.work();
            hashing();
            passwords.work() - before
        };
        let wrong = work(&|| assert!(!passwords.verify("a wrong password", &hash)));
        let unknown = work(&|| passwords.dummy_verify("a wrong password"));
        let unreadable = PasswordHash::from_stored("no hash at all");
        let unreadable = work(&|| assert!(!passwords.verify("a wrong password", &unreadable)));
        assert_eq!((unknown, unreadable), (wrong, wrong), "{cost:?}");
        assert!(wrong >= if matches!(cost, PasswordCost::Standard) { 2 * 19_456 } else { 8 }, "{cost:?}");
    }
}

#[test]
fn many_sign_ins_at_once_all_get_their_turn() {
    let passwords = Passwords::new(PasswordCost::Cheap, 2);
    let hash = passwords.hash("blue kettle under snow").unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..32)
            .map(|number| {
                let (passwords, hash) = (passwords.clone(), &hash);
                scope.spawn(move || match number % 2 {
                    0 => passwords.verify("blue kettle under snow", hash),
                    _ => !passwords.verify("another", hash),
                })
            })
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
}

#[test]
fn a_password_of_unrelated_words_is_accepted() {
    for good in [
        "blue kettle under snow",
        "Tr4nsp0rt-mirror-glacier",
        "отважный чайник под снегом",
        "walnut velvet 冬の灯台 harbour",
    ] {
        assert_eq!(check_password(good, &ABOUT), Ok(()), "{good}");
    }
}

#[test]
fn short_and_endless_passwords_are_refused_with_their_limits() {
    assert_eq!(check_password("kX9#pQ2$vL7", &ABOUT), Err(PasswordProblem::TooShort));
    assert_eq!(check_password("", &ABOUT), Err(PasswordProblem::TooShort));
    assert!(PasswordProblem::TooShort.to_string().contains("at least 12 characters"));
    let long: String = "kettle snow bridge ".chars().cycle().take(201).collect();
    assert_eq!(check_password(&long, &ABOUT), Err(PasswordProblem::TooLong));
    assert!(PasswordProblem::TooLong.to_string().contains("at most 200 characters"));
}

#[test]
fn characters_are_counted_and_not_bytes() {
    assert_eq!(check_password("éèàçùêûïôéè", &ABOUT), Err(PasswordProblem::TooShort));
}

#[test]
fn what_many_people_use_is_refused_however_long() {
    for weak in [
        "password1234",
        "Password123!",
        "qwertyuiop123",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abcdefghijklmnop",
        "123456789012",
        "iloveyou2027",
        "correcthorse",
    ] {
        let problem = check_password(weak, &ABOUT).unwrap_err();
        assert!(matches!(problem, PasswordProblem::Guessable(_)), "{weak}: {problem:?}");
        let words = problem.to_string();
        assert!(words.starts_with("This password is easy to guess. ") && words.len() > 50, "{weak}: {words}");
    }
}

#[test]
fn a_password_made_of_what_others_know_is_refused() {
    for weak in [
        "zsofia.nagy@example.org",
        "Zsófia Nagy-Kovács",
        "nagykovács2027",
        "The Certification Body",
        "certificationcpe1",
    ] {
        assert!(check_password(weak, &ABOUT).is_err(), "{weak}");
    }
    let strangers = ["Bo Li", "bo@other.example", "Elsewhere"];
    assert_eq!(
        check_password("zsofia.nagy@example.org", &strangers),
        Ok(()),
        "the same text says nothing of others"
    );
}

/// The estimate of strength takes longer than linearly with the length: it looks at the first hundred characters alone.
#[test]
fn what_comes_after_a_hundred_characters_makes_no_work_and_no_difference() {
    let easy = "a".repeat(100);
    let rest = "blue kettle under snow";
    assert!(matches!(check_password(&easy, &ABOUT), Err(PasswordProblem::Guessable(_))));
    assert_eq!(check_password(&format!("{easy}{rest}"), &ABOUT), check_password(&easy, &ABOUT));
    assert_eq!(check_password(&format!("{rest}{easy}"), &ABOUT), Ok(()));
}

#[test]
fn tokens_are_unguessable_and_go_into_an_address_as_they_are() {
    let tokens: HashSet<String> = (0..100).map(|_| Token::random().unwrap().expose().to_owned()).collect();
    assert_eq!(tokens.len(), 100);
    assert!(
        tokens.iter().all(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    );
}

#[test]
fn only_a_tokens_hash_is_stored_and_it_finds_the_token_again() {
    let token = Token::random().unwrap();
    let sent_back = Token::parse(token.expose()).unwrap();
    assert_eq!(sent_back.hash(), token.hash());
    assert_ne!(token.hash(), token.expose());
    // From an independent SHA-256: printf '%064d' 0 | sha256sum
    let zeros = Token::parse(&"0".repeat(64)).unwrap();
    assert_eq!(zeros.hash(), "60e05bd1b195af2f94112fa7197a5c88289058840ce7c6df9693756bc6250f55");
}

#[test]
fn what_cannot_be_a_token_is_none() {
    let good = Token::random().unwrap().expose().to_owned();
    for bad in ["", "abc", &good[1..], &format!("{good}0"), &good.replace(&good[..1], "G"), &" ".repeat(64)] {
        assert!(Token::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn debug_output_gives_no_secret_away() {
    let token = Token::random().unwrap();
    assert!(!format!("{token:?}").contains(token.expose()));
    let passwords = Passwords::new(PasswordCost::Cheap, 2);
    let hash = passwords.hash("blue kettle under snow").unwrap();
    assert!(!format!("{hash:?} {passwords:?}").contains("argon2id"));
}

#[test]
fn comparison_tells_equal_from_different() {
    let token = Token::random().unwrap();
    let masked = token.masked().unwrap();
    assert!(token.matches_masked(&masked));
    let other = Token::random().unwrap();
    assert!(
        !token.matches_masked("") && !token.matches_masked(&masked[1..]) && !other.matches_masked(&masked)
    );
}

#[test]
fn what_was_hashed_in_memory_used_before_is_what_the_algorithm_itself_makes() {
    use argon2::{Argon2, PasswordVerifier};
    let passwords = Passwords::new(PasswordCost::Standard, 2);
    for password in
        ["violet harbour tractor moon", "another one, longer than the first", "violet harbour tractor moon"]
    {
        let hash = passwords.hash(password).unwrap();
        assert!(Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok());
        assert!(Argon2::default().verify_password(b"something else", hash.as_str()).is_err());
    }
}
