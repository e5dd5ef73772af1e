{{- define "foliocast.image" -}}
{{ .root.Values.image.registry }}foliocast-{{ .name }}:{{ default .root.Chart.AppVersion .root.Values.image.tag }}
{{- end }}

{{- define "foliocast.labels" -}}
app.kubernetes.io/name: foliocast
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{/* What the Pod Security Standard "restricted" asks of a pod, and of a container. */}}
{{- define "foliocast.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
{{ toYaml . | indent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "foliocast.confined" -}}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Where the services are, for all who call them. */}}
{{- define "foliocast.addresses" -}}
- {name: FOLIOCAST_ISSUER, value: {{ .root.Values.issuer | quote }}}
- {name: FOLIOCAST_AUTH_URL, value: "https://{{ .root.Release.Name }}-authsvc:5000"}
- {name: FOLIOCAST_QUEUE_URL, value: "https://{{ .root.Release.Name }}-queue:7500"}
- {name: FOLIOCAST_FRONTEND_URL, value: "https://{{ .root.Release.Name }}-frontend:8080"}
- {name: FOLIOCAST_TLS_CA_FILE, value: /etc/foliocast/tls_ca}
- {name: FOLIOCAST_LOG_LEVEL, value: {{ .root.Values.logLevel | quote }}}
{{- end }}

{{/* A volume with some files of the Secret. */}}
{{- define "foliocast.secrets" -}}
- name: secrets
  secret:
    secretName: {{ .root.Values.secret }}
    defaultMode: 0440
    items:
{{- range .files }}
      - {key: {{ . }}, path: {{ . }}}
{{- end }}
{{- end }}

{{/* Settings of an mpicalc that leases jobs. */}}
{{- define "foliocast.worker" -}}
{{ include "foliocast.addresses" . }}
- {name: FOLIOCAST_NP, value: {{ .root.Values.worlds.ranks | quote }}}
- {name: FOLIOCAST_CLIENT_ID, value: worker}
- {name: FOLIOCAST_CLIENT_SECRET_FILE, value: /etc/foliocast/worker_secret}
{{- end }}

{{/* The pod of a world that needs no other pod. */}}
{{- define "foliocast.world" -}}
{{ include "foliocast.pod" . }}
restartPolicy: OnFailure
terminationGracePeriodSeconds: 45
containers:
  - name: mpicalc
    image: {{ include "foliocast.image" (dict "root" .root "name" "mpicalc") }}
{{ include "foliocast.confined" . | indent 4 }}
    args: {{ .args }}
    env:
{{ include "foliocast.worker" . | indent 6 }}
    startupProbe:
      exec: {command: [world, health]}
      periodSeconds: 5
      failureThreshold: 60
    livenessProbe:
      exec: {command: [world, health]}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    resources:
{{ toYaml .root.Values.worlds.resources | indent 6 }}
    volumeMounts:
      - {name: secrets, mountPath: /etc/foliocast, readOnly: true}
      - {name: tmp, mountPath: /tmp}
      - {name: cache, mountPath: /var/lib/foliocast}
      - {name: memory, mountPath: /dev/shm}
volumes:
{{ include "foliocast.secrets" (dict "root" .root "files" (list "tls_ca" "worker_secret")) | indent 2 }}
  - {name: tmp, emptyDir: {}}
  - {name: cache, emptyDir: {sizeLimit: 12Gi}}
  - {name: memory, emptyDir: {medium: Memory, sizeLimit: 256Mi}}
{{- end }}
