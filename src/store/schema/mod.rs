//! The tables, as Diesel sees them. Kept by hand: ids are BigInt, so that the same file serves other databases later.

mod advice;
mod portal;
mod signed;
mod told;
mod upkeep;

pub use advice::{
    answers, appeal_outcomes, asked_reports, canned_answers, conversations, message_files, messages,
    questions,
};
pub use portal::{calendar_feeds, import_problems, sent_forms, setup};
pub use signed::{badge_sharing, signed_badges, status_lists};
pub use told::{bounces, grants_told, holder_mail_holds, verdicts_told, year_notices};
pub use upkeep::{data_check_findings, data_checks, database_marks, discarded_mails, mail_holds};

diesel::table! {
    accounts (id) {
        id -> BigInt,
        email -> Text,
        email_norm -> Text,
        name -> Text,
        name_fold -> Text,
        role -> Text,
        password_hash -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        deactivated_at -> Nullable<Timestamp>,
        invited_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        account_id -> BigInt,
        purpose -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        token_hash -> Text,
        account_id -> BigInt,
        csrf_token -> Text,
        browser -> Text,
        created_at -> Timestamp,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    sign_in_failures (key) {
        key -> Text,
        failures -> BigInt,
        last_failed_at -> Timestamp,
    }
}

diesel::table! {
    history (id) {
        id -> BigInt,
        at -> Timestamp,
        actor_id -> Nullable<BigInt>,
        event -> Text,
        holder_id -> Nullable<BigInt>,
        certificate_id -> Nullable<BigInt>,
        activity_id -> Nullable<BigInt>,
        detail -> Text,
    }
}

diesel::table! {
    fields (id) {
        id -> BigInt,
        code -> Text,
        title -> Text,
    }
}

diesel::table! {
    field_neighbours (field_id, neighbour_id) {
        field_id -> BigInt,
        neighbour_id -> BigInt,
    }
}

diesel::table! {
    certifications (id) {
        id -> BigInt,
        code -> Text,
        title -> Text,
        field_id -> BigInt,
        level -> Text,
    }
}

diesel::table! {
    policies (id) {
        id -> BigInt,
        version -> BigInt,
        first_day -> Date,
        minimum_practitioner -> BigInt,
        minimum_expert -> BigInt,
        minimum_certified_officer -> BigInt,
        rate_attending -> BigInt,
        rate_reading -> BigInt,
        rate_writing -> BigInt,
        rate_teaching -> BigInt,
        rate_course_material -> BigInt,
        rate_unregistered -> BigInt,
        publication_cap -> BigInt,
        stages -> Text,
        notice_days -> BigInt,
        carry_over -> BigInt,
        created_at -> Timestamp,
        created_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    certificates (id) {
        id -> BigInt,
        number -> Text,
        number_fold -> Text,
        holder_id -> BigInt,
        certification_id -> BigInt,
        granted_on -> Date,
        decertified_on -> Nullable<Date>,
        times_decertified -> BigInt,
        years_until -> Nullable<Date>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    bare_numbers (certificate_id) {
        certificate_id -> BigInt,
        bare -> Text,
    }
}

diesel::table! {
    certification_years (certificate_id, number) {
        certificate_id -> BigInt,
        number -> BigInt,
        starts_on -> Date,
        ends_on -> Date,
        deadline -> Date,
        flagged_on -> Nullable<Date>,
        outcome -> Nullable<Text>,
        settled_on -> Nullable<Date>,
        approved -> Nullable<BigInt>,
        required -> Nullable<BigInt>,
        carried -> Nullable<BigInt>,
        look_on -> Date,
    }
}

diesel::table! {
    decisions (id) {
        id -> BigInt,
        certificate_id -> BigInt,
        year -> Nullable<BigInt>,
        kind -> Text,
        reason -> Text,
        until -> Nullable<Date>,
        decided_by -> BigInt,
        decided_on -> Date,
        decided_at -> Timestamp,
    }
}

diesel::table! {
    endings (decision_id) {
        decision_id -> BigInt,
        kind -> Text,
        replaced_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    certificate_corrections (decision_id) {
        decision_id -> BigInt,
        old_number -> Text,
        new_number -> Text,
        old_certification_id -> BigInt,
        new_certification_id -> BigInt,
        old_granted_on -> Date,
        new_granted_on -> Date,
    }
}

diesel::table! {
    badges (id) {
        id -> Text,
        certificate_id -> BigInt,
        issued_on -> Date,
        valid_until -> Nullable<Date>,
        renewed_on -> Date,
        revoked_on -> Nullable<Date>,
    }
}

diesel::table! {
    activities (id) {
        id -> BigInt,
        holder_id -> BigInt,
        status -> Text,
        category -> Nullable<Text>,
        title -> Text,
        organiser -> Text,
        field_id -> Nullable<BigInt>,
        started_on -> Nullable<Date>,
        completed_on -> Nullable<Date>,
        quantity -> Nullable<BigInt>,
        awarded -> Nullable<BigInt>,
        publication -> Text,
        publication_fold -> Text,
        relevance -> Text,
        not_regular_job -> Bool,
        reported_at -> Nullable<Timestamp>,
        decided_at -> Nullable<Timestamp>,
        queue_key -> Nullable<Text>,
        import_key -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        waiting_since -> Nullable<Timestamp>,
        returned_at -> Nullable<Timestamp>,
        holders_turn -> BigInt,
    }
}

diesel::table! {
    activity_versions (activity_id, version) {
        activity_id -> BigInt,
        version -> BigInt,
        changed_by -> Nullable<BigInt>,
        changed_at -> Timestamp,
        facts -> Text,
    }
}

diesel::table! {
    reviews (id) {
        id -> BigInt,
        activity_id -> BigInt,
        activity_version -> BigInt,
        decision -> Text,
        quantity -> Nullable<BigInt>,
        reason_code -> Nullable<Text>,
        reason -> Text,
        reviewer_id -> Nullable<BigInt>,
        reviewed_at -> Timestamp,
    }
}

diesel::table! {
    year_counts (certificate_id, year, activity_id) {
        certificate_id -> BigInt,
        year -> BigInt,
        activity_id -> BigInt,
        credits -> BigInt,
    }
}

diesel::table! {
    evidence (id) {
        id -> BigInt,
        holder_id -> BigInt,
        activity_id -> Nullable<BigInt>,
        sha256 -> Text,
        name -> Text,
        media_type -> Text,
        bytes -> BigInt,
        added_at -> Timestamp,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    mails (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        to_name -> Text,
        to_address -> Text,
        subject -> Text,
        body_text -> Text,
        body_html -> Text,
        message_id -> Text,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Timestamp,
        claimed_by -> Nullable<Text>,
        last_error -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        to_holder -> Bool,
        uninvited -> Bool,
        waits_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    reminders (certificate_id, year, deadline, stage) {
        certificate_id -> BigInt,
        year -> BigInt,
        deadline -> Date,
        stage -> BigInt,
        outcome -> Text,
        approved -> BigInt,
        pending -> BigInt,
        required -> BigInt,
        evaluated_on -> Date,
        evaluated_at -> Timestamp,
        mail_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    minimums_reached (certificate_id, year) {
        certificate_id -> BigInt,
        year -> BigInt,
        mail_id -> BigInt,
        reached_at -> Timestamp,
    }
}

diesel::table! {
    held_flags (certificate_id, year, deadline) {
        certificate_id -> BigInt,
        year -> BigInt,
        deadline -> Date,
        held_on -> Date,
        confirmed_by -> Nullable<BigInt>,
        confirmed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    job_runs (id) {
        id -> BigInt,
        job -> Text,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        outcome -> Text,
        report -> Text,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        owner -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    report_search_reach (id) {
        id -> BigInt,
        last_activity -> BigInt,
    }
}

diesel::table! {
    review_claims (activity_id) {
        activity_id -> BigInt,
        reviewer_id -> BigInt,
        claimed_at -> Timestamp,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    prepared_words (reason_code) {
        reason_code -> Text,
        words -> Text,
        changed_by -> BigInt,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    prepared_rejections (reason_code) {
        reason_code -> Text,
        words -> Text,
        changed_by -> BigInt,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    friendly_reminders (certificate_id, year, sent_on) {
        certificate_id -> BigInt,
        year -> BigInt,
        sent_on -> Date,
        holder_id -> BigInt,
        mail_id -> BigInt,
        sent_by -> BigInt,
        sent_at -> Timestamp,
    }
}

diesel::table! {
    kept_figures (chart, place, series) {
        chart -> Text,
        place -> Text,
        series -> Text,
        amount -> BigInt,
        counted_on -> Date,
    }
}

diesel::table! {
    past_sessions (csrf_token) {
        csrf_token -> Text,
        account_id -> BigInt,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    parked_forms (id) {
        id -> BigInt,
        account_id -> BigInt,
        page -> Text,
        path -> Text,
        fields -> Text,
        parked_at -> Timestamp,
        shown_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    form_keys (holder_id, form_key) {
        holder_id -> BigInt,
        form_key -> Text,
        activity_id -> BigInt,
        version -> BigInt,
        used_at -> Timestamp,
    }
}

diesel::table! {
    remarks (activity_id, version) {
        activity_id -> BigInt,
        version -> BigInt,
        hints -> Text,
        explanation -> Text,
    }
}

diesel::table! {
    corrections (id) {
        id -> BigInt,
        activity_id -> BigInt,
        holder_id -> BigInt,
        activity_version -> BigInt,
        facts -> Text,
        reason -> Text,
        asked_at -> Timestamp,
        state -> Text,
        answer -> Text,
        answered_by -> Nullable<BigInt>,
        answered_at -> Nullable<Timestamp>,
    }
}

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
diesel::joinable!(year_notices -> mails (mail_id));
diesel::joinable!(bounces -> mails (mail_id));
diesel::joinable!(corrections -> activities (activity_id));
diesel::joinable!(review_claims -> activities (activity_id));
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
    reminders,
    minimums_reached,
    held_flags,
    job_runs,
    leases,
    report_search_reach,
    review_claims,
    prepared_words,
    prepared_rejections,
    friendly_reminders,
    kept_figures,
    past_sessions,
    parked_forms,
    form_keys,
    remarks,
    corrections,
    year_notices,
    bounces,
    signed_badges,
    mail_holds,
    discarded_mails,
    holder_mail_holds,
    verdicts_told,
    grants_told,
);
