//! Nobody reviews, grants or decides their own, whatever the way in. Every action that gives a holder something is tried on the account of
//! whoever acts: it is refused and nothing changes. The same by a colleague is not refused for that.

use std::io::Cursor;

use cpe_portal::actions::ActionError;
use cpe_portal::actions::activities::correction as corrections;
use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::actions::certification::decisions::correction::{GivenCorrection, correct};
use cpe_portal::actions::certification::decisions::decide;
use cpe_portal::actions::certification::grant::{Grant, grant};
use cpe_portal::actions::conversations::appeal::{GivenOutcome, decide_appeal};
use cpe_portal::actions::conversations::inquiry::{self, GivenAnswer};
use cpe_portal::actions::conversations::{self, close as advice_closing};
use cpe_portal::actions::holders::{GivenCertificate, grant_certificate};
use cpe_portal::actions::reviews::reversal::{take_question_back, take_verdict_back};
use cpe_portal::actions::reviews::{GivenVerdict, Ticked, approve_all, review};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::activities::correction::CorrectionDecision;
use cpe_portal::domain::activities::review::{ReasonCode, ReviewDecision};
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::conversations::conversation::{About, ConversationKind};
use cpe_portal::domain::ids::{ActivityId, CertificateId, ConversationId};
use cpe_portal::domain::roles::{Administrator, Role};
use cpe_portal::store::accounts::Account;
use cpe_portal::store::activities::{self, corrections as stored_corrections};
use cpe_portal::store::certification::{catalogue, policies};
use cpe_portal::transfer::ImportChoices;
use cpe_portal::transfer::activities::import_activities;
use cpe_portal::transfer::holders::import_holders;

use crate::support::{Rights, TestPortal, day};

/// Ada, who administers and holds a certificate, and what she has in the portal.
struct Scene {
    portal: TestPortal,
    ada: Account,
    colleague: Account,
    certificate: CertificateId,
    waiting: ActivityId,
    returned: ActivityId,
    rejected: ActivityId,
    corrected: ActivityId,
    question: ConversationId,
    asked: i64,
}

impl Scene {
    fn new() -> Self {
        let portal = TestPortal::new();
        let ada = portal.account("ada@people.test", "Ada Administrator", Role::Administrator);
        let colleague = portal.account("carl@people.test", "Carl Colleague", Role::Administrator);
        let certificate = portal.certificate(&ada, "ISP", "ISP-A", "2026-03-15");
        let report = |status, title: &str| portal.activity(&ada, status, title, "2026-10-05", 2);
        let (waiting, returned, rejected, corrected) = (
            report(ActivityStatus::Submitted, "Waiting"),
            report(ActivityStatus::Returned, "Returned"),
            report(ActivityStatus::Rejected, "Rejected"),
            report(ActivityStatus::Rejected, "Corrected"),
        );
        let opening = conversations::ConversationOpening {
            kind: ConversationKind::Question,
            about: About::default(),
            subject: "A question",
            words: "Would it?",
        };
        let question = conversations::ask(&portal, ada.as_holder(), &opening).unwrap();
        let now = portal.clock.now();
        let asked = portal
            .store
            .write(|conn| {
                let facts = activities::find(conn, corrected)?.unwrap().facts;
                stored_corrections::add(conn, (corrected, 1, ada.id), &facts, "Because", now)?;
                Ok::<_, ActionError>(stored_corrections::of_activity(conn, corrected)?.remove(0).id)
            })
            .unwrap();
        Scene { portal, ada, colleague, certificate, waiting, returned, rejected, corrected, question, asked }
    }

    fn import(&self, by: Administrator, holders: bool, file: &str) -> Result<(), String> {
        self.import_with(by, holders, file, &ImportChoices::default())
    }

    fn import_with(
        &self,
        by: Administrator,
        holders: bool,
        file: &str,
        choices: &ImportChoices,
    ) -> Result<(), String> {
        let (file, by, quiet) = (Cursor::new(file.to_owned()), Some(by), &mut |_| {});
        let report = if holders {
            import_holders(&self.portal, file, by, choices, quiet)
        } else {
            import_activities(&self.portal, file, by, choices, quiet)
        };
        match report.unwrap().refused.into_iter().next() {
            Some(refused) => Err(format!("line {}: {}", refused.line, refused.reason)),
            None => Ok(()),
        }
    }

    fn decides(&self, by: Administrator, deciding: Deciding) -> Result<(), String> {
        said(decide(&self.portal, by, self.certificate, SeenVersion::default(), deciding, "Because."))
    }
}

fn said<T>(done: Result<T, ActionError>) -> Result<(), String> {
    match done {
        Ok(_) => Ok(()),
        Err(ActionError::Invalid(problems)) => Err(problems.into_iter().map(|(_, words)| words).collect()),
        Err(other) => Err(other.to_string()),
    }
}

type Action = (&'static str, fn(&Scene, Administrator) -> Result<(), String>);

const HOLDERS: &str = "email,name,certification,certificate_number,granted_on\n";
const ACTIVITIES: &str =
    "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n";

/// Everything that gives a holder something, or takes it.
const ACTIONS: &[Action] = &[
    ("grant a certificate", |scene, by| {
        let certification = scene
            .portal
            .store
            .read(|conn| catalogue::certification_by_code(conn, "EHP"))
            .unwrap()
            .unwrap()
            .id
            .to_string();
        let given = GivenCertificate {
            certification: &certification,
            number: "EHP-A",
            granted_on: "14 March 2026",
            tell: false,
            ..GivenCertificate::default()
        };
        said(grant_certificate(&scene.portal, by, scene.ada.id, &given))
    }),
    ("grant, as every action does it", |scene, by| {
        let portal = &scene.portal;
        said(portal.store.write(|conn| {
            let certification = catalogue::certification_by_code(conn, "EHP")?.unwrap();
            let policies = policies::all(conn)?;
            let wanted = Grant {
                holder: scene.ada.id,
                certification: &certification,
                number: "EHP-A",
                granted_on: day("2026-03-15"),
                by: Some(by),
                twin: true,
                closed: true,
            };
            grant(conn, portal, &wanted, &policies, portal.clock.today(), portal.clock.now())
        }))
    }),
    ("import a new certificate", |scene, by| {
        scene.import(by, true, &format!("{HOLDERS}ADA@people.test,Ada Administrator,EHP,EHP-A,2026-03-15\n"))
    }),
    ("import another name", |scene, by| {
        scene.import(by, true, &format!("{HOLDERS}ada@people.test,Ada Countess,ISP,ISP-A,2026-03-15\n"))
    }),
    ("import approved credits", |scene, by| {
        let row = "ada@people.test,attending,A course,,it_security,,2026-10-01,60,,approved\n";
        scene.import(by, false, &format!("{ACTIVITIES}{row}"))
    }),
    ("import a report", |scene, by| {
        let row = "ada@people.test,attending,A course,,it_security,,2026-10-01,6,,submitted\n";
        scene.import(by, false, &format!("{ACTIVITIES}{row}"))
    }),
    ("approve", |scene, by| {
        let given = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
        said(review(&scene.portal, by.into(), scene.waiting, None, &given))
    }),
    ("reject", |scene, by| {
        let given = GivenVerdict {
            decision: Some(ReviewDecision::Reject),
            reason_code: Some(ReasonCode::Other),
            reason: "No.",
            ..GivenVerdict::default()
        };
        said(review(&scene.portal, by.into(), scene.waiting, None, &given))
    }),
    ("approve with ticks", |scene, by| {
        let ticked = [Ticked { activity: scene.waiting, version: 1 }];
        match approve_all(&scene.portal, by.into(), &ticked).unwrap().skipped.pop() {
            Some((_, words)) => Err(words),
            None => Ok(()),
        }
    }),
    ("take a question back", |scene, by| {
        said(take_question_back(&scene.portal, by.into(), scene.returned, Some(1)))
    }),
    ("take a verdict back", |scene, by| {
        said(take_verdict_back(&scene.portal, by.into(), scene.rejected, Some(1), "A mistake."))
    }),
    ("accept a correction", |scene, by| {
        let answer = corrections::CorrectionAnswer { decision: Some(CorrectionDecision::Accept), words: "" };
        said(corrections::answer(&scene.portal, by.into(), scene.asked, &answer))
    }),
    ("decertify", |scene, by| scene.decides(by, Deciding::Decertify { year: 1, acknowledged: true })),
    ("waive", |scene, by| scene.decides(by, Deciding::Waive { year: 1 })),
    ("extend", |scene, by| scene.decides(by, Deciding::Extend { year: 1, until: day("2027-05-01") })),
    ("reinstate", |scene, by| scene.decides(by, Deciding::Reinstate)),
    ("end by wish", |scene, by| {
        scene.decides(by, Deciding::End { kind: EndingKind::Wish, replaced_by: None })
    }),
    ("correct a certificate", |scene, by| {
        let certifications = scene.portal.store.read(catalogue::certifications).unwrap();
        let isp = certifications.iter().find(|one| one.code == "ISP").unwrap().id.to_string();
        let given = GivenCorrection {
            number: "ISP-B",
            certification: &isp,
            granted_on: "14 March 2026",
            twin: false,
            reason: "A typo.",
        };
        said(correct(&scene.portal, by, scene.certificate, SeenVersion::default(), &given))
    }),
    ("import another address", |scene, by| {
        let row = "countess@people.test,Ada Administrator,ISP,ISP-A,2026-03-15\n";
        let choices = ImportChoices { move_addresses: true, ..ImportChoices::default() };
        scene.import_with(by, true, &format!("{HOLDERS}{row}"), &choices)
    }),
    ("answer whether something would count", |scene, by| {
        let given = GivenAnswer { verdict: "yes", words: "It counts.", ..GivenAnswer::default() };
        said(inquiry::answer(&scene.portal, by.into(), scene.question, Some(1), &given))
    }),
    ("answer a message", |scene, by| {
        said(conversations::reply_as_staff(&scene.portal, by.into(), scene.question, Some(1), "Yes.", false))
    }),
    ("close a conversation", |scene, by| {
        said(advice_closing::close(&scene.portal, by.into(), scene.question, Some(1)))
    }),
    ("take a conversation", |scene, by| {
        said(conversations::hand_over(&scene.portal, by.into(), scene.question, Some(1), Some(by.id)))
    }),
    ("judge an appeal", |scene, by| {
        let given = GivenOutcome { outcome: "reinstated", reason: "Because.", alone: true };
        said(decide_appeal(&scene.portal, by, scene.question, Some(1), given))
    }),
];

fn is_own(words: &str) -> bool {
    words.contains("your own") && words.contains("A colleague has to")
}

#[test]
fn no_action_grants_or_approves_what_is_ones_own_and_a_colleague_may() {
    for (name, act) in ACTIONS {
        let scene = Scene::new();
        let before = scene.portal.dump();
        let refused = act(&scene, scene.ada.as_administrator()).expect_err(name);
        assert!(is_own(&refused), "{name}: {refused}");
        assert_eq!(scene.portal.dump(), before, "{name} changes nothing");
        if let Err(words) = act(&scene, scene.colleague.as_administrator()) {
            assert!(!is_own(&words), "{name} by a colleague: {words}");
        }
    }
    // the report that was corrected is hers, too
    let scene = Scene::new();
    let ticked = [Ticked { activity: scene.corrected, version: 1 }];
    assert_eq!(approve_all(&scene.portal, scene.ada.as_reviewer(), &ticked).unwrap().approved, []);
}

#[actix_web::test]
async fn an_import_by_page_refuses_the_rows_of_whoever_imports_with_line_and_reason() {
    let scene = Scene::new();
    let ada = scene.portal.browser(&scene.ada).await;
    let rows = "new@people.test,Nina New,ISP,ISP-N,2026-03-15\n\
        ada@people.test,Ada Administrator,EHP,EHP-A,2026-03-15\n\
        other@people.test,Ada Administrator,ISP,isp-a,2026-03-15\n";
    let file = format!("{HOLDERS}{rows}");
    let files = [("file", "holders.csv", file.as_bytes())];
    let page = ada.post_files("/admin/import", &[("kind", "holders")], &files).await.expect(200);
    let words = page.words();
    for line in ["3", "4"] {
        let row = page.texts("tbody tr").into_iter().find(|row| row.starts_with(line));
        assert!(row.is_some_and(|row| row.contains("your own account")), "{line}: {words}");
    }
    assert_eq!(
        scene.portal.texts("SELECT number AS text FROM certificates ORDER BY number"),
        ["ISP-A", "ISP-N"],
        "{words}"
    );
}

#[test]
fn the_machine_itself_is_nobody_and_may() {
    let scene = Scene::new();
    let file = format!("{HOLDERS}ada@people.test,Ada Administrator,EHP,EHP-A,2026-03-15\n");
    let report =
        import_holders(&scene.portal, Cursor::new(file), None, &ImportChoices::default(), &mut |_| {})
            .unwrap();
    assert_eq!((report.added, report.refused.len()), (1, 0));
}
