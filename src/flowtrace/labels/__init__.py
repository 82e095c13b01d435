"""Labels, entities and incidents: what public sources say about addresses, and how sure they are."""

from flowtrace.labels.book import LabelBook, load_labels
from flowtrace.labels.incident import incident_ids, incident_of_seed, load_incident, read_incident

__all__ = ["LabelBook", "incident_ids", "incident_of_seed", "load_incident", "load_labels", "read_incident"]
