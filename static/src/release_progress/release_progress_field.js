import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ConnectionLostError } from "@web/core/network/rpc";
import { onWillUpdateProps, useState } from "@odoo/owl";
import { Sage100ProgressField } from "../sage100_progress/sage100_progress_field";

const FIELDS = ["release_state", "release_done", "release_total", "release_text"];

/**
 * Progress of the release of a run. It goes on in the server whatever page is open: the bar only reads how far it is,
 * and the form once more when it is over.
 */
export class ReleaseProgressField extends Sage100ProgressField {
    static template = "account_receivable_followup.ReleaseProgressField";

    setup() {
        this.orm = useService("orm");
        this.progress = useState(this.readRecord(this.props.record));
        onWillUpdateProps((props) => Object.assign(this.progress, this.readRecord(props.record)));
        super.setup();
    }

    readRecord(record) {
        return Object.fromEntries(FIELDS.map((name) => [name, record.data[name]]));
    }

    get isUnderWay() {
        return this.progress.release_state === "running";
    }

    get percent() {
        const { release_done: done, release_total: total } = this.progress;
        return total ? Math.floor((100 * done) / total) : 0;
    }

    async refresh() {
        const { record } = this.props;
        if (this.isUnderWay && !document.hidden && record.resId) {
            try {
                const [values] = await this.orm.silent.read("followup.run", [record.resId], FIELDS);
                if (this.left) {
                    return;
                }
                Object.assign(this.progress, values);
                if (!this.isUnderWay && !(await record.isDirty())) {
                    await record.load();
                }
            } catch (error) {
                if (!(error instanceof ConnectionLostError)) {
                    throw error;
                }
                // The server restarts, or the network is down: the next reading tells.
            }
        }
        this.plan();
    }
}

export const releaseProgressField = {
    component: ReleaseProgressField,
    displayName: _t("Progress of a release"),
    supportedTypes: ["selection"],
    fieldDependencies: [
        { name: "release_done", type: "integer" },
        { name: "release_total", type: "integer" },
        { name: "release_text", type: "char" },
    ],
};

registry.category("fields").add("followup_release_progress", releaseProgressField);
