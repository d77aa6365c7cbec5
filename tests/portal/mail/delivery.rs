//! Delivery over SMTP: what every answer, silence and lost connection means for the mail and for the ones after it.

use std::time::{Duration, Instant};

use cpe_portal::mail::{DeliveryError, MailSession, Mailer};
use mail_parser::MessageParser;

use super::smtp_server::{Act, Manners, SmtpServer, Step};
use super::{deliver, envelope, mailer, smtp};

const PATIENT: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(400);

const BEFORE_THE_MESSAGE: [Step; 5] = [Step::Greeting, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data];

/// A server that does `act` at `step` and says yes otherwise.
fn server_that(act: Act, step: Step) -> SmtpServer {
    SmtpServer::start(move |at, _| (at == step).then(|| act.clone()))
}

fn session(server: &SmtpServer) -> MailSession {
    mailer(server, PATIENT).open()
}

#[test]
fn a_mail_arrives_as_it_was_written() {
    let server = SmtpServer::start(|_, _| None);
    let (calls, outcome) = deliver(&mut session(&server), "zoe@example.org");
    assert_eq!((calls, outcome), (1, Ok(())));
    assert_eq!(server.heard("MAIL"), ["MAIL FROM:<advice@example.org>"]);
    assert_eq!(server.heard("RCPT"), ["RCPT TO:<zoe@example.org>"]);
    assert_eq!(server.heard("EHLO"), ["EHLO cpe.example.org"]);
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = MessageParser::default().parse(&mails[0]).unwrap();
    assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n"), envelope("").text);
    assert_eq!(mail.message_id(), Some("0b8f6a52-4c1d@example.org"));
}

#[test]
fn before_body_is_called_once_after_the_go_ahead_and_before_the_message() {
    let server = SmtpServer::start(|_, _| None);
    let mut session = session(&server);
    session
        .deliver(&envelope("zoe@example.org"), &mut || {
            // time enough for a message that was sent too early to arrive
            std::thread::sleep(Duration::from_millis(100));
            server.note("before_body");
            Ok(())
        })
        .unwrap();
    let log = server.log();
    let end = log.iter().position(|line| line == "DATA").unwrap();
    assert_eq!(log[end..], ["DATA", "> 354", "before_body", "(message)", "> 250"]);
}

#[test]
fn a_failure_of_before_body_keeps_the_message_back_and_harms_no_other_mail() {
    let server = SmtpServer::start(|_, _| None);
    let mut session = session(&server);
    let outcome = session.deliver(&envelope("one@example.org"), &mut || Err("the disk is full".into()));
    assert_eq!(outcome, Err(DeliveryError::NotAttempted("the disk is full".to_owned())));
    assert_eq!(deliver(&mut session, "two@example.org"), (1, Ok(())));
    assert_eq!(server.heard("(message)").len(), 1);
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_4xx_is_temporary_at_every_step_and_the_message_is_not_begun() {
    for step in BEFORE_THE_MESSAGE {
        let server = server_that(Act::Say("451 try later"), step);
        let (calls, outcome) = deliver(&mut session(&server), "zoe@example.org");
        assert!(
            matches!(&outcome, Err(DeliveryError::Temporary(text)) if text.contains("451 try later")),
            "{step:?}: {outcome:?}"
        );
        assert_eq!(calls, 0, "{step:?}");
    }
}

#[test]
fn a_5xx_about_the_mail_is_permanent_and_about_the_connection_temporary() {
    for step in BEFORE_THE_MESSAGE {
        let server = server_that(Act::Say("550 no such user"), step);
        let (calls, outcome) = deliver(&mut session(&server), "zoe@example.org");
        let text = match outcome {
            // a server that lets nobody in says nothing about this mail
            Err(DeliveryError::Temporary(text)) if matches!(step, Step::Greeting | Step::Ehlo) => text,
            Err(DeliveryError::Permanent(text)) if matches!(step, Step::Mail | Step::Data) => text,
            Err(DeliveryError::NoRecipient(text)) if step == Step::Rcpt => text,
            other => panic!("{step:?}: {other:?}"),
        };
        assert!(text.contains("550 no such user"), "{step:?}: {text}");
        assert_eq!(calls, 0, "{step:?}");
    }
}

#[test]
fn a_refusal_that_asks_to_sign_in_is_our_set_up_and_not_the_mails_end() {
    let server = server_that(Act::Say("530 authentication required"), Step::Mail);
    let (_, outcome) = deliver(&mut session(&server), "zoe@example.org");
    assert!(matches!(outcome, Err(DeliveryError::Temporary(_))), "{outcome:?}");
}

#[test]
fn an_answer_to_the_whole_message_decides_it() {
    let outcome = |act| deliver(&mut session(&server_that(act, Step::BodyEnds)), "zoe@example.org");
    assert!(
        matches!(outcome(Act::Say("452 full")), (1, Err(DeliveryError::Temporary(text))) if text.contains("452 full"))
    );
    assert!(
        matches!(outcome(Act::Say("554 spam")), (1, Err(DeliveryError::Permanent(text))) if text.contains("554 spam"))
    );
    assert!(matches!(outcome(Act::Say("354 hm")), (1, Err(DeliveryError::Uncertain(_)))));
    assert!(matches!(outcome(Act::Say("abc hm")), (1, Err(DeliveryError::Uncertain(_)))));
    assert!(matches!(outcome(Act::SayAndDrop("250 queued")), (1, Ok(()))));
}

#[test]
fn a_connection_lost_before_the_message_is_temporary() {
    for step in BEFORE_THE_MESSAGE {
        let (calls, outcome) = deliver(&mut session(&server_that(Act::Drop, step)), "zoe@example.org");
        assert!(matches!(outcome, Err(DeliveryError::Temporary(_))), "{step:?}: {outcome:?}");
        assert_eq!(calls, 0, "{step:?}");
    }
}

#[test]
fn a_connection_lost_before_or_after_the_final_dot_is_uncertain() {
    for step in [Step::BodyBegins, Step::BodyEnds] {
        let (calls, outcome) = deliver(&mut session(&server_that(Act::Drop, step)), "zoe@example.org");
        assert!(matches!(outcome, Err(DeliveryError::Uncertain(_))), "{step:?}: {outcome:?}");
        assert_eq!(calls, 1, "{step:?}");
    }
}

/// Delivers with the short limit and checks that it held.
fn limited(act: Act, step: Step) -> (usize, Result<(), DeliveryError>) {
    let server = server_that(act, step);
    let mut session = mailer(&server, SHORT).open();
    let began = Instant::now();
    let result = deliver(&mut session, "zoe@example.org");
    let took = began.elapsed();
    assert!(took >= SHORT - Duration::from_millis(20), "{step:?} ended early, after {took:?}");
    assert!(took < SHORT * 4, "{step:?} took {took:?}");
    result
}

#[test]
fn a_silent_server_is_left_when_the_time_is_up() {
    for step in BEFORE_THE_MESSAGE {
        let (calls, outcome) = limited(Act::Hang, step);
        assert!(
            matches!(&outcome, Err(DeliveryError::Temporary(text)) if text.contains("too long")),
            "{step:?}: {outcome:?}"
        );
        assert_eq!(calls, 0, "{step:?}");
    }
    let (calls, outcome) = limited(Act::Hang, Step::BodyEnds);
    assert!(matches!(outcome, Err(DeliveryError::Uncertain(_))), "{outcome:?}");
    assert_eq!(calls, 1);
}

#[test]
fn a_tarpit_that_sends_a_byte_now_and_then_gains_nothing() {
    for step in [Step::Greeting, Step::Ehlo, Step::Rcpt] {
        let (_, outcome) = limited(Act::Drip, step);
        assert!(matches!(outcome, Err(DeliveryError::Temporary(_))), "{step:?}: {outcome:?}");
    }
    assert!(matches!(limited(Act::Drip, Step::BodyEnds), (1, Err(DeliveryError::Uncertain(_)))));
}

#[test]
fn the_callers_own_step_does_not_count_as_the_servers_slowness() {
    let server = SmtpServer::start(|_, _| None);
    let mut session = mailer(&server, SHORT).open();
    let outcome = session.deliver(&envelope("zoe@example.org"), &mut || {
        std::thread::sleep(SHORT * 2);
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}

#[test]
fn an_answer_without_end_or_sense_is_cut_off() {
    for act in [Act::Flood, Act::Say("9x9 hello"), Act::Say("999 hello")] {
        let began = Instant::now();
        let (_, outcome) =
            deliver(&mut session(&server_that(act.clone(), Step::Greeting)), "zoe@example.org");
        assert!(matches!(outcome, Err(DeliveryError::Temporary(_))), "{act:?}: {outcome:?}");
        assert!(began.elapsed() < PATIENT / 2, "{act:?}");
    }
}

#[test]
fn an_odd_ehlo_answer_does_no_harm() {
    let server = server_that(Act::Say("250 hello\n   \n\nAUTH\nauth plain\nSTARTTLS"), Step::Ehlo);
    assert_eq!(deliver(&mut session(&server), "zoe@example.org"), (1, Ok(())));
}

#[test]
fn a_session_delivers_several_mails_over_one_connection() {
    let server = SmtpServer::start(|_, _| None);
    let mut session = session(&server);
    for to in ["one@example.org", "two@example.org", "three@example.org"] {
        assert_eq!(deliver(&mut session, to), (1, Ok(())));
    }
    drop(session);
    assert_eq!(server.connections(), 1);
    assert_eq!(server.mails().len(), 3);
    // it took the mail before a moment ago, so it need not be asked whether it is there
    assert_eq!(server.heard("RSET").len(), 0);
    assert_eq!(server.heard("QUIT").len(), 1);
}

#[test]
fn one_bad_recipient_never_stops_the_rest() {
    let answers = [
        (Act::Say("550 no such user"), 1),
        (Act::Say("450 mailbox busy"), 1),
        (Act::SayAndDrop("421 too many errors"), 2),
        (Act::Drop, 2),
    ];
    for (act, connections) in answers {
        let bad = act.clone();
        let server = SmtpServer::start(move |step, line| {
            (step == Step::Rcpt && line.contains("bad")).then(|| bad.clone())
        });
        let mut session = session(&server);
        let outcomes: Vec<bool> = ["one@example.org", "bad@example.org", "three@example.org"]
            .iter()
            .map(|to| deliver(&mut session, to).1.is_ok())
            .collect();
        assert_eq!(outcomes, [true, false, true], "{act:?}");
        assert_eq!(server.connections(), connections, "{act:?}");
        assert_eq!(server.mails().len(), 2, "{act:?}");
        assert!(!session.is_closed());
    }
}

#[test]
fn a_connection_that_the_server_closed_between_two_mails_is_opened_again() {
    for act in [Act::Drop, Act::SayAndDrop("421 idle too long"), Act::Say("500 what?")] {
        let server = server_that(act.clone(), Step::Rset);
        let mut session = session(&server);
        assert_eq!(deliver(&mut session, "one@example.org"), (1, Ok(())));
        // after a while it is asked first whether it is there
        std::thread::sleep(Duration::from_millis(1100));
        assert_eq!(deliver(&mut session, "two@example.org"), (1, Ok(())), "{act:?}");
        assert_eq!(server.heard("RSET").len(), 1);
        assert_eq!(server.connections(), 2);
        assert_eq!(server.mails().len(), 2);
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_once_in_a_session() {
    // bound and let go of: nobody listens there
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut session = Mailer::Smtp(smtp(&format!("smtp://{address}"), PATIENT)).open();
    assert!(!session.is_closed());
    let first = deliver(&mut session, "one@example.org");
    assert!(
        matches!(&first, (0, Err(DeliveryError::Temporary(text))) if text.contains(&address.to_string())),
        "{first:?}"
    );
    assert!(session.is_closed());
    assert_eq!(deliver(&mut session, "two@example.org"), first);

    let server = server_that(Act::Hang, Step::Greeting);
    let mut session = mailer(&server, SHORT).open();
    let began = Instant::now();
    for to in ["one@example.org", "two@example.org", "three@example.org", "four@example.org"] {
        assert!(matches!(deliver(&mut session, to), (0, Err(DeliveryError::Temporary(_)))));
    }
    assert!(began.elapsed() < SHORT * 3, "waited for every mail");
    assert_eq!(server.connections(), 1);
}

#[test]
fn an_address_beyond_ascii_needs_a_server_that_knows_them() {
    let plain = SmtpServer::start(|_, _| None);
    let mut session_ = session(&plain);
    assert!(matches!(deliver(&mut session_, "zoë@example.org"), (0, Err(DeliveryError::Permanent(_)))));
    // a domain beyond ASCII has an ASCII form
    assert_eq!(deliver(&mut session_, "zoe@zürich.example"), (1, Ok(())));
    assert_eq!(plain.heard("RCPT"), ["RCPT TO:<zoe@xn--zrich-kva.example>"]);

    let knowing =
        SmtpServer::with(Manners { offers: "8BITMIME\nSMTPUTF8\n", ..Manners::default() }, |_, _| None);
    assert_eq!(deliver(&mut session(&knowing), "zoë@example.org"), (1, Ok(())));
    assert_eq!(knowing.heard("MAIL"), ["MAIL FROM:<advice@example.org> SMTPUTF8"]);
    assert_eq!(knowing.heard("RCPT"), ["RCPT TO:<zoë@example.org>"]);
}

#[test]
fn a_mail_takes_milliseconds_and_not_an_acknowledgement_delay() {
    let server = SmtpServer::start(|_, _| None);
    let mut session = session(&server);
    deliver(&mut session, "first@example.org").1.unwrap();
    let began = Instant::now();
    for _ in 0..50 {
        deliver(&mut session, "zoe@example.org").1.unwrap();
    }
    // a delayed acknowledgement alone would take 50 × 40 ms
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
}

/// A server that takes several commands at once.
fn quick_server(script: impl Fn(Step, &str) -> Option<Act> + Send + Sync + 'static) -> SmtpServer {
    SmtpServer::with(Manners { offers: "PIPELINING\n", ..Manners::default() }, script)
}

#[test]
fn to_a_server_that_takes_several_commands_at_once_the_message_still_waits_for_the_go_ahead() {
    let server = quick_server(|_, _| None);
    let mut session = session(&server);
    for _ in 0..2 {
        session
            .deliver(&envelope("zoe@example.org"), &mut || {
                std::thread::sleep(Duration::from_millis(50));
                server.note("before_body");
                Ok(())
            })
            .unwrap();
    }
    let log = server.log();
    let end = log.iter().position(|line| line == "DATA").unwrap();
    assert_eq!(log[end..end + 5], ["DATA", "> 354", "before_body", "(message)", "> 250"]);
    assert_eq!(server.mails().len(), 2);
    // nothing was left unfinished, and no time has passed
    assert_eq!((server.heard("RSET").len(), server.connections()), (0, 1));
}

#[test]
fn a_refusal_among_several_commands_at_once_is_about_its_own_mail() {
    let server = quick_server(refusing_nobody());
    let mut session = session(&server);
    let (calls, outcome) = deliver(&mut session, "nobody@example.org");
    assert_eq!(calls, 0);
    assert!(
        matches!(&outcome, Err(DeliveryError::NoRecipient(why)) if why.contains("550 no such user")),
        "{outcome:?}"
    );
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    assert_eq!((server.connections(), server.mails().len()), (1, 1));
    assert_eq!(server.heard("RSET").len(), 1, "what was left unfinished is wiped away first");
}

#[test]
fn only_what_is_said_about_the_address_is_held_against_it() {
    for (step, says, address) in [
        (Step::Rcpt, "550 no such user", true),
        (Step::Rcpt, "550 5.1.1 no such user", true),
        (Step::Rcpt, "551 user not local", true),
        (Step::Rcpt, "553 5.1.2 unknown domain", true),
        (Step::Rcpt, "550 5.2.1 this mailbox is disabled", true),
        (Step::BodyEnds, "550 5.1.1 no such user", true),
        (Step::Rcpt, "554 5.7.1 relay access denied", false),
        (Step::Rcpt, "550 5.7.1 you are on a list", false),
        (Step::Rcpt, "554 no thanks", false),
        (Step::Rcpt, "503 bad sequence", false),
        (Step::Rcpt, "552 5.2.2 mailbox full", false),
        (Step::Rcpt, "553 5.1.8 sender unknown", false),
        (Step::BodyEnds, "554 5.7.0 spam", false),
        (Step::BodyEnds, "552 5.3.4 too big", false),
    ] {
        let server = server_that(Act::Say(says), step);
        let (_, outcome) = deliver(&mut session(&server), "zoe@example.org");
        match outcome {
            Err(DeliveryError::NoRecipient(_)) => assert!(address, "{says}"),
            Err(DeliveryError::Permanent(_)) => assert!(!address, "{says}"),
            other => panic!("{says}: {other:?}"),
        }
    }
}

/// Refuses `nobody`, and a message to them.
fn refusing_nobody() -> impl Fn(Step, &str) -> Option<Act> + Send + Sync + 'static {
    let refused = std::sync::atomic::AtomicBool::new(false);
    move |step, line| match step {
        Step::Rcpt if line.contains("nobody") => {
            refused.store(true, std::sync::atomic::Ordering::Relaxed);
            Some(Act::Say("550 no such user"))
        }
        Step::Data if refused.swap(false, std::sync::atomic::Ordering::Relaxed) => {
            Some(Act::Say("554 no valid recipients"))
        }
        _ => None,
    }
}

#[test]
fn a_server_that_waits_for_a_message_after_a_refusal_gets_none_not_even_an_empty_one() {
    for (step, says) in
        [(Step::Rcpt, "550 no such user"), (Step::Mail, "553 no such sender"), (Step::Mail, "451 not now")]
    {
        let refuse_once = std::sync::atomic::AtomicBool::new(true);
        let server = quick_server(move |now, _| {
            (now == step && refuse_once.swap(false, std::sync::atomic::Ordering::Relaxed))
                .then_some(Act::Say(says))
        });
        let mut session = session(&server);
        let (calls, outcome) = deliver(&mut session, "ann@example.org");
        assert!(calls == 0 && outcome.is_err_and(|error| error.to_string().contains(says)), "{says}");
        assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
        assert_eq!((server.mails().len(), server.connections()), (1, 2), "{says}");
        assert!(server.mails().iter().all(|mail| !mail.is_empty()), "{says}");
    }
}

#[test]
fn answers_that_do_not_fit_the_step_close_the_line_and_are_about_no_mail_for_good() {
    // 354 to the sender, 250 to DATA, and two answers to one command
    let odd = [
        (Step::Mail, Act::Say("354 already")),
        (Step::Data, Act::Say("250 fine")),
        (Step::Data, Act::Raw("354 go on\r\n250 taken\r\n")),
    ];
    for (step, act) in odd {
        let odd_once = std::sync::atomic::AtomicBool::new(true);
        let server = quick_server(move |now, _| {
            (now == step && odd_once.swap(false, std::sync::atomic::Ordering::Relaxed)).then(|| act.clone())
        });
        let mut session = session(&server);
        let (calls, outcome) = deliver(&mut session, "ann@example.org");
        assert!(calls == 0 && matches!(outcome, Err(DeliveryError::Temporary(_))), "{step:?}: {outcome:?}");
        assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())), "{step:?}");
        assert_eq!((server.mails().len(), server.connections()), (1, 2), "{step:?}");
    }
}

#[test]
fn what_a_server_says_unasked_after_a_mail_is_not_taken_for_the_answers_to_the_next() {
    let once = std::sync::atomic::AtomicBool::new(true);
    let server = quick_server(move |step, _| {
        (step == Step::BodyEnds && once.swap(false, std::sync::atomic::Ordering::Relaxed))
            .then_some(Act::Raw("250 taken\r\n250 taken\r\n"))
    });
    let mut session = session(&server);
    assert_eq!(deliver(&mut session, "ann@example.org"), (1, Ok(())));
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    assert_eq!((server.mails().len(), server.connections()), (2, 2));
}

#[test]
fn a_line_that_the_server_closed_after_a_mail_costs_the_next_one_nothing() {
    for act in [Act::Drop, Act::SayAndDrop("421 that was enough for one connection")] {
        let count = std::sync::atomic::AtomicUsize::new(0);
        let server = SmtpServer::start(move |step, _| {
            // at the second mail of the first connection
            let second = step == Step::Mail && count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1;
            second.then(|| act.clone())
        });
        let mut session = session(&server);
        assert_eq!(deliver(&mut session, "ann@example.org"), (1, Ok(())));
        assert_eq!(deliver(&mut session, "bob@example.org"), (1, Ok(())));
        assert_eq!((server.mails().len(), server.connections()), (2, 2));
    }
    // on a new line the same says that it does not want this mail now
    let server = server_that(Act::SayAndDrop("421 not today"), Step::Mail);
    let (calls, outcome) = deliver(&mut session(&server), "ann@example.org");
    assert!(matches!(outcome, Err(DeliveryError::Temporary(_))) && calls == 0, "{outcome:?}");
    assert_eq!(server.connections(), 1);
}
