import type { ErrorCode } from '@pawvault/contracts';
import type { LocalCode } from '../../api/problem';
import type { ErrorText } from '../en/errors';

/** What every error code says to a reader of Chinese, and what to do about it. */
export const errors = {
  VALIDATION_FAILED: { title: '请求内容无效', remedy: '请改正下方列出的字段，然后重试。' },
  ROUTE_NOT_FOUND: { title: '没有这个地址', remedy: '控制台与网关的版本可能不一致，请刷新页面。' },
  METHOD_NOT_ALLOWED: { title: '此地址不支持这种请求方法', remedy: '控制台与网关的版本可能不一致，请刷新页面。' },
  UNAUTHORIZED: { title: '需要访问令牌', remedy: '请输入启动 PawVault 时在 PAWVAULT_TOKEN 中设置的令牌。' },
  FORBIDDEN: { title: '此令牌没有这项权限', remedy: '请使用具有所需角色的令牌，或联系管理员。' },
  RATE_LIMITED: { title: '请求过于频繁', remedy: '请稍候再试；如有需要，可调高 PAWVAULT_RATE_LIMIT。' },
  HOST_NOT_ALLOWED: {
    title: '不允许通过这个主机名访问',
    remedy: '未设置令牌时只接受本机地址。请改用 http://127.0.0.1，或设置 PAWVAULT_TOKEN。',
  },
  ORIGIN_NOT_ALLOWED: {
    title: '请求来自其他网站的页面',
    remedy: '请使用 PawVault 自己的页面；若需从其他来源调用，请设置 PAWVAULT_TOKEN 并随请求发送。',
  },
  UNSUPPORTED_MEDIA_TYPE: { title: '无法识别请求内容的类型', remedy: '请刷新页面后重试；备份文件必须是 .zip 格式。' },
  RANGE_NOT_SATISFIABLE: { title: '请求的范围超出了文件大小', remedy: '请重新开始下载。' },
  PAYLOAD_TOO_LARGE: { title: '请求内容过大', remedy: '请减小内容后重试；各项上限见文档。' },
  INTERNAL_ERROR: {
    title: 'PawVault 内部出错',
    remedy: '请凭请求 ID 在网关或工作进程的日志中查找原因，并反馈此问题。',
  },
  CONFIG_INVALID: {
    title: '配置无效',
    remedy: '请改正消息中提到的环境变量；docs/configuration.md 列出了全部变量。',
  },
  INSTANCE_NOT_FOUND: {
    title: '工作目录中没有 QwenPaw 实例',
    remedy: '请将 QWENPAW_WORKING_DIR 设为 QwenPaw 的 config.json 所在的目录。',
  },
  INSTANCE_CONFIG_INVALID: {
    title: '无法读取实例的 config.json',
    remedy: '请更正该文件中指出的那一行，或让 QwenPaw 重新写入，然后重试。',
  },
  AGENT_NOT_FOUND: { title: '所选智能体不在注册表中', remedy: '请刷新智能体列表，从中重新选择。' },
  NOTHING_SELECTED: { title: '没有选择任何内容', remedy: '请至少选择一个智能体，或全局设置、技能池、密钥中的一项。' },
  BACKUP_NOT_FOUND: { title: '没有这个备份', remedy: '它可能已被删除或重命名文件，请返回备份列表查看。' },
  BACKUP_ID_INVALID: {
    title: '备份 ID 无效',
    remedy: 'ID 由 1 至 200 个字母、数字、点、下划线或连字符组成，且不能以点开头。',
  },
  BACKUP_INVALID: { title: '无法读取此备份的文件', remedy: '请校验备份以查明损坏之处，并用另一份副本替换该文件。' },
  BACKUP_IN_USE: { title: '有任务正在使用此备份', remedy: '请等待任务结束或取消任务，然后重试。' },
  BACKUP_FILE_NOT_FOUND: { title: '备份中没有这个文件', remedy: '请在备份的文件列表中选择。' },
  BACKUP_FILE_NOT_REGULAR: { title: '此条目不是普通文件', remedy: '目录和符号链接没有可下载的内容。' },
  SECRETS_NOT_SERVED: {
    title: '密钥文件不提供单独下载',
    remedy: '如需允许，请设置 PAWVAULT_SERVE_SECRETS=true；也可以导出整个备份文件。',
  },
  BACKUP_EXISTS: { title: '已存在 ID 相同的备份', remedy: '可以选择覆盖它，或先删除原有的备份。' },
  JOB_NOT_FOUND: { title: '没有这个任务', remedy: '已结束的任务只保留一段时间，请在任务列表中查看现有任务。' },
  JOB_FINISHED: { title: '任务已经结束', remedy: '已无可取消的内容，请查看任务结果。' },
  JOB_CANCELLED: { title: '任务已取消', remedy: '需要时可以重新开始。' },
  JOB_INTERRUPTED: {
    title: '工作进程在执行此任务时多次意外终止',
    remedy: '请检查工作进程的日志和内存限制，然后重新开始任务。',
  },
  JOB_PAYLOAD_INVALID: { title: '工作进程拒绝了任务参数', remedy: '请让网关和工作进程运行相同的版本。' },
  QUEUE_UNAVAILABLE: {
    title: '无法连接任务队列',
    remedy: '请确认 Redis 正在运行且 REDIS_URL 指向它；之后可以重试。',
  },
  WORKER_UNAVAILABLE: {
    title: '没有工作进程响应',
    remedy: '请为此实例启动工作进程，或查明它未就绪的原因；之后可以重试。',
  },
  REDIS_UNAVAILABLE: {
    title: '无法启动内置的 Redis',
    remedy: '请安装 redis-server 或 valkey-server，或将 REDIS_URL 设为您自己的服务器。',
  },
  STATE_DIR_IN_USE: {
    title: '另一个 PawVault 正在使用此状态目录',
    remedy: '请使用已在运行的那一个，或先停止它，或将 PAWVAULT_STATE_DIR、PAWVAULT_INSTANCE_ID 设为其他值。',
  },
  DISK_FULL: { title: '磁盘空间不足', remedy: '请至少释放下方所示的空间，或将备份目录移到更大的磁盘。' },
  PERMISSION_DENIED: { title: '文件系统拒绝访问', remedy: '请授予运行 PawVault 的用户访问该路径的权限。' },
  IO_ERROR: { title: '文件系统报告错误', remedy: '请检查该路径所在的磁盘，然后重试。' },
  BACKUP_DIR_UNUSABLE: {
    title: '无法使用备份目录',
    remedy: '请创建该目录并确保可写，且不要放在被备份的目录之内。',
  },
  SIGNING_KEY_INVALID: {
    title: '签名密钥已损坏或不安全',
    remedy: '请从副本恢复 .signing_key（64 位十六进制、普通文件、权限 0600）。PawVault 绝不会自动替换它。',
  },
  backup_legacy_unsigned: { title: '此备份文件没有签名', remedy: '如果您信任它的来源，可以选择信任后继续。' },
  backup_signature_mismatch: {
    title: '此备份文件由其他密钥签名，或签名后被改动过',
    remedy: '如果您信任它的来源，可以选择信任后继续。',
  },
  backup_unknown_signature_scheme: {
    title: '此备份文件使用了未知的签名方式',
    remedy: '请使用支持该签名方式的 PawVault 版本。',
  },
  restore_target_busy: {
    title: '另一个恢复正在占用该实例，或 QwenPaw 正在启动',
    remedy: '请等待其结束后重试。',
  },
  RESTORE_NEEDS_FULL_BACKUP: { title: '完整恢复需要完整备份', remedy: '请改用自定义恢复，选择要从此备份取回的内容。' },
  RESTORE_AGENT_NOT_IN_BACKUP: { title: '备份中没有这个智能体', remedy: '请从备份详情所列的智能体中选择。' },
  RESTORE_DESTINATION_REFUSED: {
    title: '无法将智能体恢复到目标位置',
    remedy: '请为新智能体选择其他位置，或在 config.json 中改正该智能体的 workspace_dir。',
  },
  RESTORE_PLAN_DRIFTED: { title: '预览之后实例发生了变化', remedy: '没有做任何更改。请重新预览，确认后再恢复。' },
  IMPORT_NOT_FOUND: { title: '没有这个导入', remedy: '一小时内未作决定的导入会被清除，请重新上传备份文件。' },
  IMPORT_NOT_DECIDABLE: {
    title: '导入目前的状态不允许此操作',
    remedy: '有任务在处理时请等待；已接受或已拒绝的导入不能再作决定。',
  },
  UPLOAD_INVALID: { title: '上传内容中没有可用的备份文件', remedy: '请选择一个 .zip 文件后重试。' },
  UPLOAD_OFFSET_CONFLICT: { title: '上传进度与服务器不一致', remedy: '请继续上传；控制台会先向服务器询问进度。' },
  UPLOAD_BUSY: { title: '另一个请求仍在向此上传发送数据', remedy: '请等待它结束，然后继续上传。' },
  UPLOAD_PROTOCOL_UNSUPPORTED: {
    title: '断点续传的协议版本不受支持',
    remedy: '控制台与网关的版本可能不一致，请刷新页面。',
  },
  RESTORE_COMMITTING: {
    title: '恢复正在提交，无法取消',
    remedy: '请等待其结束；恢复前创建的备份可以撤销这次恢复。',
  },
  RESTORE_JOURNAL_UNREADABLE: {
    title: '无法读取上次中断的恢复的日志',
    remedy: '在能够读取之前不会改动任何内容。请处理好所示的文件，或寻求帮助。',
  },
  RESTORE_JOURNAL_UNTRUSTED: {
    title: '恢复日志不是由本 PawVault 写入的',
    remedy:
      '尚未改动任何内容。请查看所示的文件：如果它不在你的预料之中，就是别的程序放在那里的。请把它移走，然后重试。',
  },
  RESTORE_OWNER_DIFFERS: {
    title: '将被替换的内容属于另一个用户',
    remedy: '请以所示的用户运行工作进程，或以具备完整权限的 root 运行，或把该目录交给运行工作进程的用户。',
  },
  RESTORE_TARGET_IMMUTABLE: {
    title: '将被替换的内容被标记为不可修改',
    remedy: '请去掉所示路径上的标记（chattr -i），然后重试。',
  },
  RESTORE_TARGET_CHANGED: {
    title: '恢复期间，另一个程序调换了目录',
    remedy: '一切仍与之前相同。请查明是什么在写入所示的路径，停止它，然后重试。',
  },
  RESTORE_NAMES_CLASH: {
    title: '备份中的两个名称在此磁盘上是同一个名称',
    remedy: '请恢复到能够区分所示名称的文件系统，或不恢复其中之一。',
  },
  RESTORE_PLAN_NOT_FOUND: {
    title: '没有这个恢复计划',
    remedy: '计划中的路径只保留一段时间。请重新预览。',
  },
  STATE_FILE_UNTRUSTED: {
    title: 'PawVault 的某个文件由另一个用户写入',
    remedy:
      '该文件未被使用。请查看所示的路径；如果不在预料之中，请把它移走。只有属于运行用户、且其他用户不能写入的文件，PawVault 才会读取。',
  },
  RESTORE_QUIESCE_FAILED: {
    title: '无法为恢复停止 QwenPaw',
    remedy: '请查看所示命令或地址的输出；没有做任何更改。',
  },
  ARCHIVE_NOT_ZIP: { title: '文件不是 zip 文件，或末尾缺失', remedy: '请从来源重新复制该备份文件。' },
  ARCHIVE_DIRECTORY_AMBIGUOUS: {
    title: 'zip 目录可以有多种解读',
    remedy: '请不要信任此文件；请在来源处重新制作备份文件。',
  },
  ARCHIVE_DIRECTORY_INVALID: { title: 'zip 目录已损坏', remedy: '请从来源重新复制该备份文件。' },
  ARCHIVE_ZIP64_INVALID: { title: 'zip64 记录互相矛盾', remedy: '请从来源重新复制该备份文件。' },
  ARCHIVE_HEADER_MISMATCH: {
    title: '某个条目的头部与 zip 目录不一致',
    remedy: '请不要信任此文件；请从来源重新复制该备份文件。',
  },
  ARCHIVE_ENTRIES_OVERLAP: { title: 'zip 中的条目互相重叠', remedy: '请不要信任此文件；请在来源处重新制作备份文件。' },
  ARCHIVE_FOREIGN_BYTES: {
    title: 'zip 中含有不属于任何条目的字节',
    remedy: '请不要信任此文件；请在来源处重新制作备份文件。',
  },
  ARCHIVE_IS_A_LINK: {
    title: '备份文件是一个不被跟随的符号链接',
    remedy:
      '请把链接指向的文件复制到备份目录中。只有指向普通文件、且由运行 PawVault 的用户、root 或该文件的所有者建立的链接才会被跟随。',
  },
  ARCHIVE_METHOD_UNSUPPORTED: {
    title: '某个条目使用了 store 和 deflate 之外的压缩方法',
    remedy: '请只用 store 或 deflate 重新制作备份文件。',
  },
  ARCHIVE_ENCRYPTED: { title: '某个条目已加密', remedy: '请不使用 zip 加密，重新制作备份文件。' },
  ARCHIVE_ENTRY_SIZE_MISMATCH: { title: '某个条目的内容与声明的大小不符', remedy: '请从来源重新复制该备份文件。' },
  ARCHIVE_ENTRY_CRC_MISMATCH: { title: '某个条目的内容与校验和不符', remedy: '备份文件已损坏，请从来源重新复制。' },
  ARCHIVE_ENTRY_DATA_INVALID: { title: '某个条目的压缩数据已损坏', remedy: '备份文件已损坏，请从来源重新复制。' },
  ARCHIVE_ENTRY_HASH_MISMATCH: {
    title: '某个条目的内容与清单不符',
    remedy: '备份文件在创建之后被改动过，请使用另一份副本。',
  },
  ARCHIVE_ENTRY_MISSING: {
    title: '备份文件缺少清单中列出的条目',
    remedy: '备份文件在创建之后被改动过，请使用另一份副本。',
  },
  ARCHIVE_ENTRY_UNLISTED: {
    title: '备份文件中有清单未列出的条目',
    remedy: '备份文件在创建之后被改动过，请使用另一份副本。',
  },
  ARCHIVE_LIMIT_EXCEEDED: {
    title: '备份文件超出了限制',
    remedy: '如果这是您自己的备份文件，请调高相应的 PAWVAULT_LIMIT_* 变量。',
  },
  ARCHIVE_NAME_INVALID: { title: '某个条目的名称不可接受', remedy: '请在来源处重命名该文件，并重新制作备份文件。' },
  ARCHIVE_ENTRY_ESCAPES: { title: '某个条目的名称指向备份文件之外', remedy: '请不要信任此文件。' },
  ARCHIVE_NAME_DUPLICATE: { title: '两个条目的名称相同', remedy: '请不要信任此文件；请在来源处重新制作备份文件。' },
  ARCHIVE_NAME_CLASH: {
    title: '某个条目既是文件又是目录',
    remedy: '请不要信任此文件；请在来源处重新制作备份文件。',
  },
  ARCHIVE_ENTRY_TYPE_UNSUPPORTED: {
    title: '某个条目既不是文件，也不是目录或符号链接',
    remedy: '请去掉该条目后重新制作备份文件。',
  },
  ARCHIVE_SYMLINK_ESCAPES: {
    title: '某个符号链接指向其模块之外',
    remedy: '请不要信任此文件，或去掉该链接后重新制作备份文件。',
  },
  ARCHIVE_UNEXPECTED_ENTRY: {
    title: '备份中某个文档或模块的位置上是别的东西',
    remedy: '请不要信任此文件；请在来源处重新制作备份文件。',
  },
  ARCHIVE_AGENT_ID_INVALID: {
    title: '备份文件中某个智能体的 ID 不能用作目录名',
    remedy: '请在来源处为该智能体换一个不含“/”和控制字符、且不以“.”开头的 ID，并重新制作备份文件。',
  },
  ARCHIVE_META_MISSING: { title: '备份文件中没有 meta.json', remedy: '这个 zip 不是 QwenPaw 或 PawVault 的备份。' },
  ARCHIVE_META_INVALID: { title: '备份文件的 meta.json 无效', remedy: '请在来源处重新制作备份文件。' },
  ARCHIVE_VERSION_UNSUPPORTED: { title: '不支持此备份文件的格式版本', remedy: '请使用支持该格式的 PawVault 版本。' },
  ARCHIVE_MANIFEST_INVALID: { title: '备份文件的清单无效', remedy: '备份文件在创建之后被改动过，请使用另一份副本。' },
  CONNECTION_LOST: {
    title: '无法连接 PawVault',
    remedy: '请检查网络以及 PawVault 是否在运行。页面会自动重试；正在进行的任务不受影响。',
  },
  UNEXPECTED_ANSWER: {
    title: '收到了无法理解的应答',
    remedy: '中间的代理可能出了问题，或者版本已更新：请刷新页面。',
  },
} as const satisfies Record<ErrorCode | LocalCode, ErrorText>;
