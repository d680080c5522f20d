from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_relations"),
        ("chat", "0007_edits_and_mentions"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_receipts",
        ),
        migrations.AddField(
            model_name="membership",
            name="is_blocked",
            field=models.BooleanField(
                default=False,
                help_text="In a direct conversation: the other one has blocked this member. Kept with accounts.Block.",
                verbose_name="blocked",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="seen_seq",
            field=models.BigIntegerField(
                default=0, help_text="The highest read_seq that others were told of: what receipts show."
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("read_seq__gte", 0), ("received_seq__gte", models.F("seen_seq")), ("seen_seq__gte", 0)
                ),
                name="membership_receipts",
            ),
        ),
    ]
