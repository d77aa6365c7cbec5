//! The tables, as Diesel sees them. Kept by hand: ids are BigInt, so that the same file serves other databases later.

mod account;
mod activity;
mod badge;
mod certification;
mod conversation;
mod mail;
mod operation;
mod record;
mod staff;

pub use account::{
    accounts, calendar_feeds, parked_forms, past_sessions, sent_forms, sessions, sign_in_failures, tokens,
    visits,
};
pub use activity::{
    activities, activity_versions, asked_reports, corrections, draft_texts, evidence, form_keys,
    prepared_rejections, prepared_words, remarks, review_claims, reviews, year_counts,
};
pub use badge::{badge_sharing, badges, signed_badges, status_lists};
pub use certification::{
    bare_numbers, certificate_corrections, certificates, certification_years, certifications, decisions,
    endings, field_neighbours, fields, held_flags, policies,
};
pub use conversation::{
    answers, appeal_outcomes, canned_answers, conversations, message_files, messages, questions,
};
pub use mail::{
    bounce_mailboxes, bounces, delivery_reports, discarded_mails, grants_told, holder_mail_holds, mail_holds,
    mail_pauses, mails, notices_about_years, verdicts_told,
};
pub use operation::{
    data_check_findings, data_checks, database_marks, import_problems, job_runs, kept_figures, leases, setup,
};
pub use record::{history, report_search_reach};
pub use staff::{acquaintances, assignments, staff_notes};

diesel::allow_tables_to_appear_in_same_query!(conversations, accounts);
diesel::allow_tables_to_appear_in_same_query!(conversations, activities);
diesel::allow_tables_to_appear_in_same_query!(conversations, staff_notes);
diesel::allow_tables_to_appear_in_same_query!(conversations, certificates);
diesel::allow_tables_to_appear_in_same_query!(appeal_outcomes, certificates);
diesel::allow_tables_to_appear_in_same_query!(messages, accounts);
diesel::allow_tables_to_appear_in_same_query!(messages, conversations);
diesel::allow_tables_to_appear_in_same_query!(messages, answers);
diesel::joinable!(message_files -> evidence (evidence_id));
diesel::joinable!(message_files -> messages (message_id));
diesel::allow_tables_to_appear_in_same_query!(message_files, evidence, messages);
diesel::allow_tables_to_appear_in_same_query!(appeal_outcomes, accounts);
diesel::allow_tables_to_appear_in_same_query!(appeal_outcomes, conversations);
diesel::allow_tables_to_appear_in_same_query!(questions, conversations);
diesel::allow_tables_to_appear_in_same_query!(answers, questions);
diesel::allow_tables_to_appear_in_same_query!(questions, fields);
diesel::allow_tables_to_appear_in_same_query!(answers, fields);
diesel::allow_tables_to_appear_in_same_query!(answers, conversations);
diesel::allow_tables_to_appear_in_same_query!(asked_reports, answers);
diesel::joinable!(tokens -> accounts (account_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(certifications -> fields (field_id));
diesel::joinable!(certificates -> accounts (holder_id));
diesel::joinable!(certificates -> certifications (certification_id));
diesel::joinable!(bare_numbers -> certificates (certificate_id));
diesel::joinable!(certification_years -> certificates (certificate_id));
diesel::joinable!(decisions -> certificates (certificate_id));
diesel::joinable!(endings -> decisions (decision_id));
diesel::joinable!(certificate_corrections -> decisions (decision_id));
diesel::joinable!(badges -> certificates (certificate_id));
diesel::joinable!(activities -> accounts (holder_id));
diesel::joinable!(reviews -> activities (activity_id));
diesel::joinable!(year_counts -> activities (activity_id));
diesel::joinable!(evidence -> activities (activity_id));
diesel::joinable!(mails -> accounts (account_id));
diesel::joinable!(notices_about_years -> mails (mail_id));
diesel::joinable!(notices_about_years -> certificates (certificate_id));
diesel::joinable!(bounces -> mails (mail_id));
diesel::joinable!(corrections -> activities (activity_id));
diesel::joinable!(review_claims -> activities (activity_id));
diesel::joinable!(assignments -> activities (activity_id));
diesel::joinable!(prepared_words -> accounts (changed_by));
diesel::joinable!(prepared_rejections -> accounts (changed_by));

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    tokens,
    sessions,
    sign_in_failures,
    history,
    fields,
    field_neighbours,
    certifications,
    policies,
    certificates,
    bare_numbers,
    certification_years,
    decisions,
    endings,
    certificate_corrections,
    badges,
    activities,
    activity_versions,
    reviews,
    year_counts,
    evidence,
    mails,
    held_flags,
    job_runs,
    leases,
    report_search_reach,
    review_claims,
    prepared_words,
    prepared_rejections,
    kept_figures,
    past_sessions,
    parked_forms,
    draft_texts,
    form_keys,
    remarks,
    corrections,
    notices_about_years,
    bounces,
    signed_badges,
    mail_holds,
    delivery_reports,
    discarded_mails,
    holder_mail_holds,
    verdicts_told,
    grants_told,
    staff_notes,
    acquaintances,
    assignments,
);
