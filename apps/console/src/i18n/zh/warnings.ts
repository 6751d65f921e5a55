import type { warnings as english } from '../en/warnings';
import type { Translated } from '../translated';

export const warnings: Translated<typeof english> = {
  AGENT_ID_INVALID: '有一个智能体因 ID 不能用作目录名而被略过。',
  AGENT_JSON_UNREADABLE: '备份中某个智能体的 agent.json 不是有效的 JSON，将按原样恢复。',
  CLEAN_UP_PENDING: '工作已完成；清理将在工作进程启动时继续。',
  CURRENT_CONFIG_UNREADABLE: '无法读取当前的 config.json：不知道其中的智能体位于何处，该文件将被替换。',
  DESTINATION_OCCUPIED: '目标位置有一个不属于任何智能体的目录，将被替换。',
  DISK_SPACE_LOW: '磁盘空间紧张：只有压缩效果好，备份才放得下。',
  FILE_CHANGED_WHILE_READ: '某个文件每次读取时都在变化；备份中保存的是最后一次读到的内容。',
  KEPT_PLACE_NOT_RESTORED: '备份中有些文件所在的位置属于其他内容；该处现有内容保持不变。',
  LEFTOVERS: '旧内容暂时无法删除；工作进程下次启动时会再次尝试。',
  MASTER_KEY_NOT_IN_BACKUP: '密钥旁没有 .master_key（它可能在系统密钥环中）：在其他机器上将无法解密这些密钥。',
  MOUNT_INCLUDED: '实例内部挂载了其他文件系统；其中的内容已收入备份。',
  PATHS_OMITTED: '有些路径未能收入备份；备份详情中列出了它们。',
  RESUME_FAILED: 'QwenPaw 未能重新启动，请手动启动。',
  SQLITE_NOT_SOUND: '某个数据库未通过完整性检查，已按原样保存。',
  SQLITE_RAW_COPY: 'SQLite 驱动未安装或出错：某个数据库及其日志已按原样复制。',
  TRUST_MISMATCH: '备份文件由其他密钥签名，或签名后被改动过。',
  TRUST_UNKNOWN_SCHEME: '备份文件的签名方式未知。',
  TRUST_UNSIGNED: '备份文件没有签名：无法证明由谁创建。',
  WORKSPACE_LINK_UNTRUSTED: '实例的某个部分经由一个链接到达，而该链接与其指向的目录不属于同一用户，因此已略过。',
  WORKSPACE_MISSING: '某个智能体的工作区不存在，因此不在备份中。',
  WORKSPACE_NOT_IN_BACKUP: '备份的设置中有一个智能体，其工作区不在备份中。',
  WORKSPACE_OVERLAP: '某个智能体的工作区与实例的其他部分重叠，重叠部分已略过。',
  WORKSPACE_SHARED: '两个智能体共用一个工作区；两者都会打包它。',
};
